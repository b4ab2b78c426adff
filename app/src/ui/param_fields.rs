//! Fields for the parameters of a training.

use crate::ui::IntoAny;
use domain::training::{PARAMS, ParamInfo, ParamKind, TrainParams};
use leptos::prelude::*;

/// A field for each parameter but the time limit, which forms ask for in their
/// own way; sent as `{names}KEY]`. Ids begin with `prefix`.
#[must_use]
pub fn param_fields(now: &TrainParams, prefix: &str, names: &str) -> Vec<AnyView> {
    let others = PARAMS.into_iter().filter(|info| info.key != "time_limit_s");
    others.map(|info| field(info, now.text(info.key).unwrap_or_default(), prefix, names)).collect()
}

fn field(info: ParamInfo, now: String, prefix: &str, names: &str) -> AnyView {
    let id = format!("{prefix}-{}", info.key);
    let name = format!("{names}{}]", info.key);
    let field = match info.kind {
        ParamKind::Flag => {
            let options = ["false", "true"].map(|word| {
                let selected = word == now;
                view! { <option value=word selected=selected>{word}</option> }
            });
            view! { <select id=id.clone() class="field field-short" name=name>{options.to_vec()}</select> }
                .into_any()
        }
        kind => {
            let step = if kind == ParamKind::Whole { "1" } else { "any" };
            view! {
                <input id=id.clone() class="field field-short" type="number" name=name min="0" step=step required value=now />
            }
            .into_any()
        }
    };
    view! {
        <div class="form-param">
            <label for=id><code>{info.key}</code><span class="dim">{info.what}</span></label>
            {field}
        </div>
    }
    .into_any()
}
