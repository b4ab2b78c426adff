//! One operation: what it does, a form to try it with, what it answers.

use super::{
    escaped,
    schema::{self, Field},
};
use app::BasePath;
use serde_json::Value;
use std::fmt::Write as _;

/// An operation of the description.
pub(super) struct Operation<'a> {
    pub(super) method: &'static str,
    pub(super) path: &'a str,
    pub(super) json: &'a Value,
    /// The whole description, which has the shapes.
    pub(super) description: &'a Value,
}

impl Operation<'_> {
    /// What it is about.
    pub(super) fn subject(&self) -> &str {
        self.json["tags"][0].as_str().unwrap_or("other")
    }

    fn text(&self, key: &str) -> &str {
        self.json[key].as_str().unwrap_or_default()
    }

    /// Writes it, folded.
    pub(super) fn write(&self, html: &mut String, base: &BasePath) {
        let method = self.method.to_uppercase();
        let (id, path) = (escaped(self.text("operationId")), escaped(&base.at(self.path)));
        // Writing to a String does not fail.
        let _ = write!(
            html,
            "<details class=\"api-operation\" id=\"{id}\"><summary><span class=\"api-method api-{class}\">{method}</span>\
             <code>{shown}</code> <span class=\"api-summary\">{summary}</span></summary>",
            class = self.method,
            shown = escaped(self.path),
            summary = in_words(self.text("summary")),
        );
        if !self.text("description").is_empty() {
            let _ = write!(html, "<p>{}</p>", in_words(self.text("description")));
        }
        let _ = write!(html, "<form class=\"api-try\" data-method=\"{method}\" data-path=\"{path}\">");
        self.write_parameters(html);
        self.write_bodies(html);
        html.push_str(
            "<div class=\"bar api-send\" hidden><button class=\"button button-main\" type=\"submit\">Send</button>\
             <button class=\"button api-stop\" type=\"button\" hidden>Stop</button></div>\
             <pre class=\"api-curl\" tabindex=\"0\" aria-label=\"As a command\" hidden></pre>\
             <div class=\"api-answer\" role=\"status\"></div></form>",
        );
        self.write_answers(html);
        html.push_str("</details>");
    }

    fn write_parameters(&self, html: &mut String) {
        for parameter in self.json["parameters"].as_array().into_iter().flatten() {
            let text = |key: &str| parameter[key].as_str().unwrap_or_default();
            let id = format!("{}-{}", self.text("operationId"), text("name"));
            let schema = schema::resolved(&parameter["schema"], self.description);
            let needed = parameter["required"].as_bool() == Some(true);
            let place = format!(
                "id=\"{}\" data-in=\"{}\" name=\"{}\"{}",
                escaped(&id),
                escaped(text("in")),
                escaped(text("name")),
                if needed { " required" } else { "" }
            );
            let field = match schema::choices(schema) {
                Some(choices) => {
                    let options: String =
                        choices.iter().map(|word| format!("<option>{}</option>", escaped(word))).collect();
                    let none = if needed { "" } else { "<option value=\"\">…</option>" };
                    format!("<select class=\"field\" {place}>{none}{options}</select>")
                }
                None => format!(
                    "<input class=\"field\" {place} placeholder=\"{}\" autocomplete=\"off\">",
                    escaped(&schema::kind(schema))
                ),
            };
            let _ = write!(
                html,
                "<div class=\"api-field\"><label for=\"{}\"><code>{}</code> <span class=\"dim\">{}{}</span></label>{field}\
                 <span class=\"api-note\">{}</span></div>",
                escaped(&id),
                escaped(text("name")),
                escaped(text("in")),
                if needed { ", needed" } else { "" },
                in_words(text("description"))
            );
        }
    }

    fn write_bodies(&self, html: &mut String) {
        let content = schema::object(&self.json["requestBody"]["content"]);
        if content.is_empty() {
            return;
        }
        let id = format!("{}-body", escaped(self.text("operationId")));
        let options: String =
            content.keys().map(|kind| format!("<option>{}</option>", escaped(kind))).collect();
        let _ = write!(
            html,
            "<div class=\"api-field\"><label for=\"{id}\">Body</label><select class=\"field api-kind\" id=\"{id}\">{options}</select></div>"
        );
        for (number, (kind, body)) in content.iter().enumerate() {
            let hidden = if number == 0 { "" } else { " hidden" };
            let _ = write!(html, "<div class=\"api-body\" data-kind=\"{}\"{hidden}>", escaped(kind));
            self.write_body(html, kind, &body["schema"]);
            html.push_str("</div>");
        }
    }

    fn write_body(&self, html: &mut String, kind: &str, of: &Value) {
        let fields = schema::fields(of, self.description);
        let name = escaped(kind);
        if kind == "multipart/form-data" {
            for Field { path, kind, note, needed } in fields.iter().filter(|field| !field.path.contains('.'))
            {
                let is_file = schema::is_binary(kind);
                let input = if is_file { "type=\"file\"" } else { "type=\"text\" autocomplete=\"off\"" };
                let _ = write!(
                    html,
                    "<div class=\"api-field\"><label><code>{path}</code> <span class=\"dim\">{}{}</span> \
                     <input class=\"field\" data-part=\"{path}\" {input}></label><span class=\"api-note\">{}</span></div>",
                    if is_file { "file" } else { "text" },
                    if *needed { ", needed" } else { "" },
                    in_words(note),
                    path = escaped(path),
                );
            }
        } else if kind.contains("json") {
            let example = schema::example(of, self.description);
            let text = if kind == "application/json" {
                serde_json::to_string_pretty(&example)
            } else {
                serde_json::to_string(&example)
            };
            let text = text.unwrap_or_default();
            let rows = text.lines().count().clamp(3, 16);
            let _ = write!(
                html,
                "<textarea class=\"field api-json\" rows=\"{rows}\" spellcheck=\"false\" aria-label=\"Body as {name}\">{}</textarea>",
                escaped(&text)
            );
            write_fields(html, "Fields of the body", &fields);
        } else {
            let _ = write!(
                html,
                "<input class=\"field api-file\" type=\"file\" aria-label=\"The file that is sent as {name}\">"
            );
        }
    }

    fn write_answers(&self, html: &mut String) {
        html.push_str("<h3>Answers</h3><div class=\"book-table\"><table class=\"api-answers\"><tbody>");
        let answers = schema::object(&self.json["responses"]);
        for (status, answer) in answers {
            let text = answer["description"].as_str().unwrap_or_default();
            let _ = write!(
                html,
                "<tr><th scope=\"row\"><code>{}</code></th><td>{}</td></tr>",
                escaped(status),
                in_words(text)
            );
        }
        html.push_str("</tbody></table></div>");
        let good = answers.iter().find(|(status, _)| status.starts_with('2'));
        let body = good.and_then(|(_, answer)| schema::object(&answer["content"]).values().next());
        if let Some(body) = body {
            write_fields(html, "Fields of the answer", &schema::fields(&body["schema"], self.description));
        }
    }
}

fn write_fields(html: &mut String, title: &str, fields: &[Field]) {
    if fields.is_empty() {
        return;
    }
    let _ = write!(
        html,
        "<details class=\"api-fields\"><summary>{title}</summary><div class=\"book-table\"><table><tbody>"
    );
    for field in fields {
        let _ = write!(
            html,
            "<tr><th scope=\"row\"><code>{}</code></th><td class=\"dim\">{}{}</td><td>{}</td></tr>",
            escaped(&field.path),
            escaped(&field.kind),
            if field.needed { ", needed" } else { "" },
            in_words(&field.note)
        );
    }
    html.push_str("</tbody></table></div></details>");
}

/// A sentence of the description, with its code marked.
fn in_words(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts
        .map(|(at, part)| if at % 2 == 1 { format!("<code>{}</code>", escaped(part)) } else { escaped(part) })
        .collect()
}
