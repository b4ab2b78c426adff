//! Predictions for tasks of Label Studio: its pictures are fetched from the
//! one address that an admin named, and from nowhere else, whatever a task
//! says. What is predicted is for whoever annotates: it is not stored.

use crate::{Admin, As, DeploymentRef, Intake, PredictOptions, Result, Reviewer, ServiceError};
use bytes::Bytes;
use domain::{
    ids::DeploymentId,
    prediction::{Prediction, Provenance},
};
use futures::{FutureExt, StreamExt, future::BoxFuture, stream};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;
use url::Url;

/// The setting's key.
const KEY: &str = "label_studio";
/// Bytes of an address, or of a token.
const TEXT_BYTES: usize = 2_000;
/// Bytes of the answer that has a token.
const ACCESS_BYTES: u64 = 64 << 10;
/// Pictures that are fetched at a time.
const AT_A_TIME: usize = 4;
/// Label Studio waits 100 seconds for all of them together.
const ANSWER_WITHIN: Duration = Duration::from_secs(90);
/// What Label Studio serves pictures below: uploads, local files, and what it
/// fetches from a storage of its own.
const BELOW: [&str; 2] = ["data/", "tasks/"];

/// What is asked of another program over HTTP.
#[derive(Clone, Copy, Debug)]
pub struct FileRequest<'a> {
    /// Where.
    pub url: &'a str,
    /// The whole header that says who asks.
    pub authorization: Option<&'a str>,
    /// JSON to be posted; without it the file is just fetched.
    pub json: Option<&'a str>,
    /// Bytes of the answer that are taken.
    pub most_bytes: u64,
}

/// Fetches files over HTTP. What it may reach is its own affair.
pub trait FileFetcher: Send + Sync {
    /// Fetches one file; an error, in words, when there is none (any status but
    /// 200, or no answer). It must end by itself.
    fn fetch<'a>(&'a self, request: FileRequest<'a>) -> BoxFuture<'a, std::result::Result<Bytes, String>>;
}

/// Where Label Studio is, and the token by which it gives away its pictures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelStudioOrigin {
    /// `https://HOST`, or with a path below which it lies.
    pub url: String,
    /// As its account page shows it: an access token, or a legacy one.
    pub token: Option<String>,
}

/// What is the same for all pictures of a request.
#[derive(Clone, Copy)]
struct Sight<'a> {
    by: &'a As<Reviewer>,
    deployment: DeploymentId,
    named: Option<&'a Named<'a>>,
    fetcher: &'a dyn FileFetcher,
    until: tokio::time::Instant,
}

/// Where pictures are, and what shows who asks for them.
struct Named<'a> {
    origin: &'a LabelStudioOrigin,
    authorization: Option<String>,
}

/// The picture of a task.
#[derive(Clone, Debug)]
pub enum TaskPicture {
    /// The file itself, which lay in the task.
    File(Bytes),
    /// Where Label Studio says it is: an address, or a path of its own.
    Address(String),
}

impl Intake {
    /// The address of Label Studio, if an admin named one.
    ///
    /// # Errors
    /// Admins only.
    pub async fn label_studio(&self, _: &As<Admin>) -> Result<Option<LabelStudioOrigin>> {
        self.named_origin().await
    }

    /// Names the address of Label Studio, or takes it away.
    ///
    /// # Errors
    /// Admins only; what is no address of the web.
    pub async fn set_label_studio(&self, by: &As<Admin>, origin: Option<LabelStudioOrigin>) -> Result<()> {
        let origin = origin.map(checked).transpose()?;
        let detail = json!({ "url": origin.as_ref().map(|origin| origin.url.as_str()) });
        let action = if origin.is_some() { "label_studio.set" } else { "label_studio.clear" };
        let act = self.base.act(by.actor(), action, detail);
        let value = origin.map(serde_json::to_value).transpose();
        let value = value.map_err(|error| ServiceError::Internal(error.to_string()))?;
        Ok(self.base.store().settings().set(KEY, value.as_ref(), act).await?)
    }

    /// What the champion sees on each picture, in their order; `None` where
    /// there is no picture to be had, or the time is over. Why not stands in
    /// the log.
    ///
    /// # Errors
    /// Reviewers and above; no such deployment, a champion that is served
    /// elsewhere.
    pub async fn pre_annotate(
        &self,
        by: &As<Reviewer>,
        deployment: impl Into<DeploymentRef>,
        pictures: Vec<TaskPicture>,
        fetcher: &dyn FileFetcher,
    ) -> Result<Vec<Option<Prediction>>> {
        let deployment = self.serving.serving(deployment).await?;
        // Here it is said, and not once for each picture.
        self.predictors.predictor(deployment.champion.id).await?;
        let origin = self.named_origin().await?;
        let until = tokio::time::Instant::now() + ANSWER_WITHIN;
        let named = match &origin {
            Some(origin) if pictures.iter().any(|picture| matches!(picture, TaskPicture::Address(_))) => {
                Some(Named { origin, authorization: authorization(origin, fetcher).await })
            }
            _ => None,
        };
        let sight = Sight { by, deployment: deployment.id, named: named.as_ref(), fetcher, until };
        let predictions: Vec<BoxFuture<'_, Option<Prediction>>> =
            pictures.into_iter().map(|picture| self.annotate_one(picture, sight).boxed()).collect();
        Ok(stream::iter(predictions).buffered(AT_A_TIME).collect().await)
    }

    async fn annotate_one(&self, picture: TaskPicture, sight: Sight<'_>) -> Option<Prediction> {
        let predicting = async {
            let file = self.file_of(picture, sight.named, sight.fetcher).await?;
            let options = PredictOptions { monitor: false, ..PredictOptions::default() };
            let predicted =
                self.predict(sight.by, sight.deployment, file, Provenance::default(), options).await;
            predicted.map_err(|error| error.shown())
        };
        let predicted = tokio::time::timeout_at(sight.until, predicting).await;
        let predicted = predicted.unwrap_or_else(|_| Err("the time is over".to_owned()));
        predicted.inspect_err(|why| tracing::warn!(%why, "a task of Label Studio has no prediction")).ok()
    }

    async fn file_of(
        &self,
        picture: TaskPicture,
        named: Option<&Named<'_>>,
        fetcher: &dyn FileFetcher,
    ) -> std::result::Result<Bytes, String> {
        let address = match picture {
            TaskPicture::File(file) => return Ok(file),
            TaskPicture::Address(address) => address,
        };
        let named = named.ok_or("no admin has named the address of Label Studio")?;
        let url = within(named.origin, &address)?;
        let (authorization, most_bytes) =
            (named.authorization.as_deref(), self.base.limits().image.max_bytes);
        fetcher.fetch(FileRequest { url: url.as_str(), authorization, json: None, most_bytes }).await
    }

    async fn named_origin(&self) -> Result<Option<LabelStudioOrigin>> {
        let value = self.base.store().settings().find(KEY).await?;
        let origin = value.map(serde_json::from_value).transpose();
        origin.map_err(|error| ServiceError::Internal(format!("the setting {KEY} is damaged: {error}")))
    }
}

/// What of Label Studio's answer to a token is read.
#[derive(Deserialize)]
struct Access {
    access: String,
}

/// Label Studio has two kinds of tokens: one is shown as it is, the other (a
/// JSON Web Token) is changed into one that is good for some minutes.
async fn authorization(origin: &LabelStudioOrigin, fetcher: &dyn FileFetcher) -> Option<String> {
    let token = origin.token.as_ref()?;
    if !token.starts_with("eyJ") || token.split('.').count() != 3 {
        return Some(format!("Token {token}"));
    }
    let url = format!("{}api/token/refresh", origin.url);
    let json = json!({ "refresh": token }).to_string();
    let request = FileRequest { url: &url, authorization: None, json: Some(&json), most_bytes: ACCESS_BYTES };
    let access = fetcher.fetch(request).await.and_then(|answer| {
        serde_json::from_slice::<Access>(&answer).map_err(|error| format!("no access token came: {error}"))
    });
    let access = access.inspect_err(|why| tracing::warn!(%why, "Label Studio does not take the token"));
    access.ok().map(|access| format!("Bearer {}", access.access))
}

/// The address with a slash at its end, below which all else lies.
fn checked(origin: LabelStudioOrigin) -> Result<LabelStudioOrigin> {
    let refused = || {
        ServiceError::invalid_at(
            "url",
            "Write the address of Label Studio like https://HOST or https://HOST/PATH.",
        )
    };
    let LabelStudioOrigin { url, token } = origin;
    let parsed = Url::parse(url.trim()).ok().filter(|_| url.len() <= TEXT_BYTES).ok_or_else(refused)?;
    let plain = parsed.username().is_empty() && parsed.password().is_none();
    let bare = parsed.query().is_none() && parsed.fragment().is_none();
    if !matches!(parsed.scheme(), "http" | "https") || !parsed.has_host() || !plain || !bare {
        return Err(refused());
    }
    let token = token.map(|token| token.trim().to_owned()).filter(|token| !token.is_empty());
    if token
        .as_ref()
        .is_some_and(|token| token.len() > TEXT_BYTES || !token.chars().all(|c| c.is_ascii_graphic()))
    {
        return Err(ServiceError::invalid_at("token", "The token is a word without blanks."));
    }
    Ok(LabelStudioOrigin { url: format!("{}/", parsed.as_str().trim_end_matches('/')), token })
}

/// The address of a task's picture, if Label Studio itself serves it.
fn within(origin: &LabelStudioOrigin, address: &str) -> std::result::Result<Url, String> {
    let shown: String = address.chars().filter(|c| !c.is_control()).take(100).collect();
    let base = Url::parse(&origin.url).map_err(|error| format!("the named address is none: {error}"))?;
    let url = base.join(address).map_err(|_| format!("{shown:?} is no address"))?;
    let same = url.origin() == base.origin() && url.username().is_empty() && url.password().is_none();
    let path = url.path().strip_prefix(base.path());
    // With an encoded slash or dot, servers do not agree where a path leads.
    let odd =
        ["%2f", "%2e", "%5c", "\\"].into_iter().any(|odd| url.path().to_ascii_lowercase().contains(odd));
    match path.filter(|path| BELOW.into_iter().any(|below| path.starts_with(below))) {
        Some(_) if same && !odd => Ok(url),
        _ => Err(format!("{shown:?} is not served by Label Studio at {}", origin.url)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(url: &str) -> LabelStudioOrigin {
        let named = LabelStudioOrigin { url: url.to_owned(), token: Some(" abc ".to_owned()) };
        checked(named).expect("an address")
    }

    #[test]
    fn only_what_label_studio_itself_serves_is_fetched() {
        let here = origin("http://studio.example:8080");
        assert_eq!((here.url.as_str(), here.token.as_deref()), ("http://studio.example:8080/", Some("abc")));
        for (address, url) in [
            ("/data/upload/1/a b.jpg", "http://studio.example:8080/data/upload/1/a%20b.jpg"),
            ("/data/local-files/?d=a%2Fb.jpg", "http://studio.example:8080/data/local-files/?d=a%2Fb.jpg"),
            ("http://studio.example:8080/data/upload/x.png", "http://studio.example:8080/data/upload/x.png"),
            ("/tasks/7/resolve/?fileuri=czM6", "http://studio.example:8080/tasks/7/resolve/?fileuri=czM6"),
        ] {
            assert_eq!(within(&here, address).as_ref().map(Url::as_str), Ok(url), "{address}");
        }
        for address in [
            "",
            "http://studio.example/data/upload/x.png",
            "https://studio.example:8080/data/x.png",
            "http://studio.example:8080.evil.example/data/x.png",
            "http://studio.example:8080@evil.example/data/x.png",
            "//evil.example/data/x.png",
            "/\\evil.example/data/x.png",
            "/api/projects",
            "/data/../api/projects",
            "/data/%2e%2e/api/projects",
            "/data/..%2fapi/projects",
            "http://169.254.169.254/data/",
            "s3://bucket/data/x.png",
            "file:///data/x.png",
            "javascript:alert(1)",
        ] {
            assert!(within(&here, address).is_err(), "{address}: {:?}", within(&here, address));
        }
    }

    #[test]
    fn label_studio_may_lie_below_a_path() {
        let below = origin("https://host.example/studio/");
        assert!(within(&below, "/studio/data/upload/x.png").is_ok());
        assert!(within(&below, "/data/upload/x.png").is_err());
        assert!(within(&below, "/studio/../data/upload/x.png").is_err());
    }

    #[test]
    fn what_is_no_address_of_the_web_cannot_be_named() {
        for url in ["", "studio", "ftp://a", "https://a?x=1", "https://a#x", "https://me:pw@a", "file:///a"] {
            assert!(checked(LabelStudioOrigin { url: url.to_owned(), token: None }).is_err(), "{url}");
        }
        let token = Some("a\r\nX: y".to_owned());
        assert!(checked(LabelStudioOrigin { url: "https://a".to_owned(), token }).is_err());
    }
}
