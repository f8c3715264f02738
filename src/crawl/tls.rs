//! TLS as old as some portals: what fails is told by its type, and what the
//! operator lists is let through, by name and on the record.
//!
//! rustls speaks TLS 1.2 and 1.3 alone. A host that knows only older ones, or
//! whose key is too small, cannot be had; one whose certificate has run out or
//! whose chain is incomplete can, where the operator says so.

use std::collections::{BTreeSet, HashMap};
use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, OtherError, PeerIncompatible,
    SignatureScheme,
};

/// Why a TLS handshake fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsTrouble {
    /// TLS 1.0 or 1.1 alone, or nothing but ciphers of that time.
    TooOld,
    /// The certificate has run out.
    Expired,
    /// The certificate holds from some later day on.
    NotYetValid,
    /// The chain does not lead to a root that is trusted: incomplete, or of an
    /// authority of the portal's own.
    UnknownIssuer,
    /// The certificate is an authority's own: the server signed it itself, as
    /// OpenSSL does where nobody says otherwise.
    SelfMade,
    /// The certificate is for other names.
    WrongName,
    /// A key or a signature that is too weak to trust.
    Weak,
    /// Anything else of the certificate.
    BadCertificate,
    /// What the server sends is no TLS.
    NoTls,
}

impl TlsTrouble {
    /// Whether the operator may let it through.
    ///
    /// A wrong name and a weak signature are not among these: then nobody
    /// knows who answers.
    #[must_use]
    pub fn can_be_relaxed(self) -> bool {
        matches!(self, Self::Expired | Self::NotYetValid | Self::UnknownIssuer | Self::SelfMade)
    }

    /// The trouble among an error and its causes; none where it is not of TLS.
    pub(super) fn of(error: &(dyn Error + 'static)) -> Option<Self> {
        rustls_error(error).map(Self::of_rustls)
    }

    fn of_rustls(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(error) => Self::of_certificate(error),
            rustls::Error::PeerIncompatible(
                PeerIncompatible::ServerDoesNotSupportTls12Or13
                | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
                | PeerIncompatible::NoCipherSuitesInCommon
                | PeerIncompatible::NoKxGroupsInCommon
                | PeerIncompatible::ExtendedMasterSecretExtensionRequired,
            )
            | rustls::Error::AlertReceived(
                AlertDescription::ProtocolVersion
                | AlertDescription::HandshakeFailure
                | AlertDescription::InsufficientSecurity,
            ) => Self::TooOld,
            rustls::Error::PeerIncompatible(_) => Self::Weak,
            rustls::Error::NoCertificatesPresented => Self::BadCertificate,
            _ => Self::NoTls,
        }
    }

    fn of_certificate(error: &CertificateError) -> Self {
        match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Self::NotYetValid,
            CertificateError::UnknownIssuer => Self::UnknownIssuer,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Self::WrongName,
            CertificateError::Other(OtherError(error)) if is_of_authority(error.as_ref()) => Self::SelfMade,
            CertificateError::BadSignature
            | CertificateError::UnsupportedSignatureAlgorithmContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => Self::Weak,
            _ => Self::BadCertificate,
        }
    }
}

impl fmt::Display for TlsTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooOld => "the server has only TLS 1.0 or 1.1, or ciphers of that time",
            Self::Expired => "the certificate has expired",
            Self::NotYetValid => "the certificate is not valid yet",
            Self::UnknownIssuer => "the certificate's chain is incomplete, or its issuer is not known",
            Self::SelfMade => "the certificate is an authority's own, such as one that the server signed itself",
            Self::WrongName => "the certificate is for another name",
            Self::Weak => "a key or a signature is too weak",
            Self::BadCertificate => "the certificate is not acceptable",
            Self::NoTls => "the server's TLS cannot be understood",
        })
    }
}

/// Whether a certificate is refused for being that of an authority.
fn is_of_authority(error: &(dyn Error + 'static)) -> bool {
    matches!(error.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
}

/// The error of TLS among an error and its causes.
fn rustls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // An I/O error carries another, which its own cause skips.
        cause = match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// Why a certificate is refused, as its verifier says it; none where something
/// else is wrong.
pub(super) fn certificate_words(error: &(dyn Error + 'static)) -> Option<String> {
    match rustls_error(error)? {
        rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(error))) => Some(error.to_string()),
        rustls::Error::InvalidCertificate(error) => Some(error.to_string()),
        _ => None,
    }
}

/// What was let through lately, by host.
#[derive(Debug, Clone, Default)]
pub(super) struct Relaxations(Arc<Mutex<HashMap<String, TlsTrouble>>>);

impl Relaxations {
    /// What was let through at a host's last handshake.
    pub fn at(&self, host: &str) -> Option<TlsTrouble> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(host).copied()
    }

    fn note(&self, host: &str, trouble: Option<TlsTrouble>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match trouble {
            Some(trouble) => drop(all.insert(host.to_owned(), trouble)),
            None => drop(all.remove(host)),
        }
    }
}

/// The settings of TLS: the system's roots, and leniency for the hosts listed.
///
/// # Errors
///
/// - the system has no roots, or they cannot be read
pub(super) fn client_config(relaxed: BTreeSet<String>) -> Result<(ClientConfig, Relaxations), rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let strict = Arc::new(rustls_platform_verifier::Verifier::new(provider.clone())?);
    with_verifier(provider, strict, relaxed)
}

fn with_verifier(
    provider: Arc<CryptoProvider>,
    strict: Arc<dyn ServerCertVerifier>,
    relaxed: BTreeSet<String>,
) -> Result<(ClientConfig, Relaxations), rustls::Error> {
    let relaxations = Relaxations::default();
    let verifier = Verifier { strict, relaxed, relaxations: relaxations.clone() };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok((config, relaxations))
}

/// The strict verifier, and what it would refuse of the hosts listed.
#[derive(Debug)]
struct Verifier {
    strict: Arc<dyn ServerCertVerifier>,
    relaxed: BTreeSet<String>,
    relaxations: Relaxations,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let host = server_name.to_str();
        let error = match self.strict.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Ok(verified) => {
                self.relaxations.note(&host, None);
                return Ok(verified);
            }
            Err(error) => error,
        };
        let trouble = TlsTrouble::of_rustls(&error);
        if !(trouble.can_be_relaxed() && self.relaxed.contains(host.as_ref())) {
            return Err(error);
        }
        // The chain is looked at before the name, which still must be right.
        verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
        self.relaxations.note(&host, Some(trouble));
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.strict.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.strict.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.strict.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn troubles_are_told_by_their_type_wherever_they_stand_among_the_causes() {
        let cases = [
            (rustls::Error::InvalidCertificate(CertificateError::Expired), TlsTrouble::Expired),
            (rustls::Error::InvalidCertificate(CertificateError::NotValidYet), TlsTrouble::NotYetValid),
            (rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer), TlsTrouble::UnknownIssuer),
            (rustls::Error::InvalidCertificate(CertificateError::NotValidForName), TlsTrouble::WrongName),
            (rustls::Error::InvalidCertificate(CertificateError::BadSignature), TlsTrouble::Weak),
            (rustls::Error::InvalidCertificate(CertificateError::Revoked), TlsTrouble::BadCertificate),
            (rustls::Error::AlertReceived(AlertDescription::ProtocolVersion), TlsTrouble::TooOld),
            (rustls::Error::AlertReceived(AlertDescription::HandshakeFailure), TlsTrouble::TooOld),
            (rustls::Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13), TlsTrouble::TooOld),
            (rustls::Error::PeerIncompatible(PeerIncompatible::NoSignatureSchemesInCommon), TlsTrouble::Weak),
            (rustls::Error::DecryptError, TlsTrouble::NoTls),
        ];
        for (error, trouble) in cases {
            assert_eq!(TlsTrouble::of(&error), Some(trouble), "{error:?}");
            let wrapped = std::io::Error::other(std::io::Error::other(error));
            assert_eq!(TlsTrouble::of(&wrapped), Some(trouble), "{wrapped:?}");
        }
        // Words that speak of certificates are not the type.
        assert_eq!(TlsTrouble::of(&std::io::Error::other("tls handshake: invalid certificate")), None);
    }
}
