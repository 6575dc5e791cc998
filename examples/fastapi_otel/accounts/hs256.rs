//! The only algorithm tokens are signed with here: HMAC with SHA-256. All others are unknown to this program, so that no
//! token can choose one.

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, EncodingKey,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{ErrorKind, Result},
    signature::{Error, Signer, Verifier},
};
use sha2::Sha256;

static HS256: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key: &EncodingKey| {
        let mac = Hs256::new(*algorithm, key.family(), key.as_bytes())?;
        Ok(Box::new(mac))
    },
    verifier_factory: |algorithm, key: &DecodingKey| {
        let mac = Hs256::new(*algorithm, key.family(), key.try_get_as_bytes()?)?;
        Ok(Box::new(mac))
    },
    key_utils: KeyUtils::new_unimplemented(),
};

/// Once for the process; again does no harm.
pub(super) fn install() {
    // An error means that there is a provider already, and nobody else installs one.
    let _ = HS256.install_default();
}

struct Hs256(Hmac<Sha256>);

impl Hs256 {
    fn new(algorithm: Algorithm, family: AlgorithmFamily, key: &[u8]) -> Result<Self> {
        if algorithm != Algorithm::HS256 || family != AlgorithmFamily::Hmac {
            return Err(ErrorKind::UnsupportedAlgorithm.into());
        }
        let mac = Hmac::new_from_slice(key).map_err(|_| ErrorKind::InvalidKeyFormat)?;
        Ok(Self(mac))
    }

    fn of(&self, message: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(message);
        mac
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, Error> {
        Ok(self.of(message).finalize().into_bytes().to_vec())
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        // Takes the same time wherever the two differ, and a shorter signature is another one.
        self.of(message)
            .verify_slice(signature)
            .map_err(|_| Error::new())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, crypto};

    use super::install;

    /// The example of RFC 7515, appendix A.1; the key with the padding that only this reader of keys wants.
    const KEY: &str =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow==";
    const MESSAGE: &[u8] = b"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
        eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const SIGNATURE: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    #[test]
    fn it_signs_and_checks_as_the_specification_does() {
        install();
        let key = EncodingKey::from_urlsafe_base64_secret(KEY).expect("a key");
        let signed = crypto::sign(MESSAGE, &key, Algorithm::HS256).expect("a signature");
        assert_eq!(signed, SIGNATURE);

        let key = DecodingKey::from_secret(key.as_bytes());
        let holds = |signature: &str, message: &[u8]| {
            crypto::verify(signature, message, &key, Algorithm::HS256).expect("an answer")
        };
        assert!(holds(SIGNATURE, MESSAGE));
        assert!(!holds(SIGNATURE, &MESSAGE[1..]));
        assert!(!holds(&SIGNATURE.replace('d', "e"), MESSAGE));
        assert!(!holds("", MESSAGE) && !holds(&SIGNATURE[..20], MESSAGE));
    }

    #[test]
    fn no_other_algorithm_and_no_other_key_will_do() {
        install();
        let secret = [7; 64];
        let key = EncodingKey::from_secret(&secret);
        for other in [Algorithm::HS384, Algorithm::HS512, Algorithm::RS256] {
            assert!(crypto::sign(MESSAGE, &key, other).is_err(), "{other:?}");
        }
        let of_rsa = DecodingKey::from_rsa_der(&secret);
        assert!(crypto::verify(SIGNATURE, MESSAGE, &of_rsa, Algorithm::HS256).is_err());
    }
}
