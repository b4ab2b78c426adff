//! What bodies say of where an image comes from: the same fields, whether it
//! is predicted here or was predicted elsewhere.

/// A body that is JSON, with the fields of a [`Provenance`] beside its own,
/// and `take_provenance`, which reads them.
///
/// A macro, and not `#[serde(flatten)]`: that would read the whole body into
/// memory before anything is counted, lose the place of a fault, and take
/// fields that nobody knows.
///
/// [`Provenance`]: domain::prediction::Provenance
macro_rules! body_with_provenance {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $name:ident {
            $($(#[$field_attribute:meta])* pub $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$attribute])*
        #[derive(serde::Deserialize, utoipa::ToSchema)]
        #[serde(deny_unknown_fields)]
        $visibility struct $name {
            $($(#[$field_attribute])* pub $field: $type,)*
            /// The file's name.
            #[serde(default)]
            pub filename: Option<String>,
            /// Which camera, line or client.
            #[serde(default)]
            pub source: Option<String>,
            /// Free words.
            #[serde(default)]
            #[schema(value_type = Vec<String>)]
            pub tags: $crate::http::api::bounded::AtMost<String, 1_000>,
            /// Free keys and values; numbers and booleans are kept as text.
            #[serde(default)]
            #[schema(value_type = Object)]
            pub metadata: $crate::http::api::bounded::Pairs,
            /// When the image was taken: RFC 3339, or seconds or milliseconds
            /// since 1970; now when left out.
            #[serde(default)]
            #[schema(value_type = Option<String>, format = DateTime)]
            pub timestamp: Option<$crate::http::api::form::Moment>,
        }

        impl $name {
            /// What is said of where the image comes from; nothing is left of
            /// it in the body.
            ///
            /// # Errors
            /// Names the field that is not allowed.
            fn take_provenance(
                &mut self,
            ) -> Result<domain::prediction::Provenance, $crate::http::problem::Problem> {
                let timestamp = self.timestamp.take();
                Ok(domain::prediction::Provenance {
                    filename: self.filename.take(),
                    source: self.source.take(),
                    tags: std::mem::take(&mut self.tags).0,
                    metadata: $crate::http::api::form::pairs_of(
                        "metadata",
                        std::mem::take(&mut self.metadata),
                    )?,
                    timestamp: timestamp.map(|moment| moment.read("timestamp")).transpose()?,
                })
            }
        }
    };
}

pub(super) use body_with_provenance;
