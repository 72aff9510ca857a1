//! What does not satisfy an API's model, as the services refuse it.

/// Makes a variant of a service's refusals of what does not satisfy the API's model.
macro_rules! refuse_violations {
    ($refusal:ident::$variant:ident) => {
        impl From<hearth_model::validation::ValidationError> for $refusal {
            fn from(error: hearth_model::validation::ValidationError) -> Self {
                Self::$variant(error.to_string().into())
            }
        }

        impl From<hearth_model::validation::Violation> for $refusal {
            fn from(violation: hearth_model::validation::Violation) -> Self {
                hearth_model::validation::ValidationError::from(violation).into()
            }
        }
    };
}

pub(crate) use refuse_violations;
