//! How callers name things that have both an id and a name. A text that is an
//! id is one; any other is a name, and one that nothing can have names
//! nothing. What was an id stays one: it is never written out and read again.

use domain::{
    deployment::Deployment,
    ids::{DeploymentId, ExperimentId},
    name::Name,
};
use std::fmt;

/// Names one deployment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DeploymentRef {
    /// By its id.
    Id(DeploymentId),
    /// By its name, as the caller wrote it.
    Name(String),
}

/// Names one experiment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ExperimentRef {
    /// By its id.
    Id(ExperimentId),
    /// By its name, as the caller wrote it.
    Name(String),
}

macro_rules! reference {
    ($reference:ident, $id:ident) => {
        impl From<$id> for $reference {
            fn from(id: $id) -> Self {
                Self::Id(id)
            }
        }

        impl From<&str> for $reference {
            fn from(text: &str) -> Self {
                text.parse().map_or_else(|_| Self::Name(text.to_owned()), Self::Id)
            }
        }

        impl From<&String> for $reference {
            fn from(text: &String) -> Self {
                Self::from(text.as_str())
            }
        }

        impl From<&Name> for $reference {
            fn from(name: &Name) -> Self {
                Self::Name(name.as_str().to_owned())
            }
        }

        impl fmt::Display for $reference {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    Self::Id(id) => id.fmt(f),
                    Self::Name(name) => name.fmt(f),
                }
            }
        }
    };
}

reference!(DeploymentRef, DeploymentId);
reference!(ExperimentRef, ExperimentId);

impl From<&Deployment> for DeploymentRef {
    fn from(deployment: &Deployment) -> Self {
        Self::Id(deployment.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_an_id_names_by_id_and_any_other_by_name() {
        let id = DeploymentId(uuid::Uuid::from_u128(7));
        assert_eq!(DeploymentRef::from(id.to_string().as_str()), DeploymentRef::Id(id));
        assert_eq!(DeploymentRef::from("cells"), DeploymentRef::Name("cells".to_owned()));
        assert_eq!(DeploymentRef::from("no name, \"this\"").to_string(), "no name, \"this\"");
    }
}
