//! Names of an open registry: those that this crate knows, and those of an extension.

macro_rules! registered_names {
    ($(#[$outer:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$outer])*
        #[non_exhaustive]
        #[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum $name {
            $($(#[$doc])* $variant,)*
            /// One of an extension, by its name.
            Extension(String),
        }

        impl $name {
            /// Every name that this crate knows.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The registered name.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Extension(name) => name,
                }
            }

            /// The one of that name that this crate knows.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($text => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self::from_name(name).unwrap_or_else(|| Self::Extension(name.to_owned()))
            }
        }

        impl From<String> for $name {
            fn from(name: String) -> Self {
                Self::from_name(&name).unwrap_or(Self::Extension(name))
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                match name {
                    $name::Extension(name) => name,
                    known => known.as_str().to_owned(),
                }
            }
        }
    };
}

pub(crate) use registered_names;
