//! The SDK hands its HTTP clients the whole set of components that an AWS operation has. A plain
//! request needs two of them, the clock and the sleep; the others must exist, and all they do when
//! asked is to refuse.

use aws_smithy_async::{
    rt::sleep::{SharedAsyncSleep, TokioSleep},
    time::{SharedTimeSource, SystemTimeSource},
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        auth::{
            AuthScheme, AuthSchemeEndpointConfig, AuthSchemeId, Sign,
            static_resolver::StaticAuthSchemeOptionResolver,
        },
        endpoint::{EndpointFuture, EndpointResolverParams, ResolveEndpoint},
        identity::{
            Identity, IdentityFuture, ResolveCachedIdentity, ResolveIdentity,
            SharedIdentityResolver,
        },
        interceptors::context::InterceptorContext,
        orchestrator::HttpRequest,
        retries::{RetryStrategy, ShouldAttempt},
        runtime_components::{
            BuildError, GetIdentityResolver, RuntimeComponents, RuntimeComponentsBuilder,
        },
    },
};
use aws_smithy_types::config_bag::ConfigBag;

pub(super) fn for_connector() -> Result<RuntimeComponents, BuildError> {
    RuntimeComponentsBuilder::new("longshore::http")
        .with_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(Vec::new())))
        .with_auth_scheme(Unused)
        .with_endpoint_resolver(Some(Unused))
        .with_identity_cache(Some(Unused))
        .with_identity_resolver(UNUSED, Unused)
        .with_retry_strategy(Some(Unused))
        .with_sleep_impl(Some(SharedAsyncSleep::new(TokioSleep::new())))
        .with_time_source(Some(SharedTimeSource::new(SystemTimeSource::new())))
        .build()
}

const UNUSED: AuthSchemeId = AuthSchemeId::new("unused");

#[derive(Debug)]
struct Unused;

fn refused<T>() -> Result<T, BoxError> {
    Err("plain requests are neither signed nor retried".into())
}

impl AuthScheme for Unused {
    fn scheme_id(&self) -> AuthSchemeId {
        UNUSED
    }

    fn identity_resolver(&self, _: &dyn GetIdentityResolver) -> Option<SharedIdentityResolver> {
        None
    }

    fn signer(&self) -> &dyn Sign {
        self
    }
}

impl Sign for Unused {
    fn sign_http_request(
        &self,
        _: &mut HttpRequest,
        _: &Identity,
        _: AuthSchemeEndpointConfig<'_>,
        _: &RuntimeComponents,
        _: &ConfigBag,
    ) -> Result<(), BoxError> {
        refused()
    }
}

impl ResolveEndpoint for Unused {
    fn resolve_endpoint<'a>(&'a self, _: &'a EndpointResolverParams) -> EndpointFuture<'a> {
        EndpointFuture::ready(refused())
    }
}

impl ResolveCachedIdentity for Unused {
    fn resolve_cached_identity<'a>(
        &'a self,
        _: SharedIdentityResolver,
        _: &'a RuntimeComponents,
        _: &'a ConfigBag,
    ) -> IdentityFuture<'a> {
        IdentityFuture::ready(refused())
    }
}

impl ResolveIdentity for Unused {
    fn resolve_identity<'a>(
        &'a self,
        _: &'a RuntimeComponents,
        _: &'a ConfigBag,
    ) -> IdentityFuture<'a> {
        IdentityFuture::ready(refused())
    }
}

impl RetryStrategy for Unused {
    fn should_attempt_initial_request(
        &self,
        _: &RuntimeComponents,
        _: &ConfigBag,
    ) -> Result<ShouldAttempt, BoxError> {
        refused()
    }

    fn should_attempt_retry(
        &self,
        _: &InterceptorContext,
        _: &RuntimeComponents,
        _: &ConfigBag,
    ) -> Result<ShouldAttempt, BoxError> {
        refused()
    }
}
