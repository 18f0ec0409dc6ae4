//! Python's descriptions of media sections, read by attribute into the core's own types.

use muster_core::api::{Codec, CodecSpec, ExtensionIds, Kind, MasterKey, Profile, ReceiveSpec, SlotSpec};
use muster_core::id::{Pt, SlotId, Ssrc, TrackId};
use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;
use pyo3::Borrowed;

/// A whole number of 0..=MAX; anything else is a ValueError.
#[derive(Clone, Copy)]
pub(crate) struct Whole<const MAX: u64>(pub(crate) u64);

pub(crate) type U8 = Whole<{ u8::MAX as u64 }>;
pub(crate) type U16 = Whole<{ u16::MAX as u64 }>;
pub(crate) type U32 = Whole<{ u32::MAX as u64 }>;
pub(crate) type U64 = Whole<{ u64::MAX }>;

impl<const MAX: u64> FromPyObject<'_, '_> for Whole<MAX> {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let refuse = || PyValueError::new_err(format!("allowed are 0 to {MAX}"));
        match object.extract::<u64>() {
            Ok(value) if value <= MAX => Ok(Self(value)),
            Ok(_) => Err(refuse()),
            Err(error) if error.is_instance_of::<PyOverflowError>(object.py()) => Err(refuse()),
            Err(error) => Err(error),
        }
    }
}

/// One of a section that the peer publishes.
pub(crate) struct Receive(pub(crate) ReceiveSpec);

/// One of a section that the peer receives.
pub(crate) struct Slot(pub(crate) SlotSpec);

impl FromPyObject<'_, '_> for Receive {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let section = Fields {
            object: &object,
            name: "receive",
        };
        Ok(Self(ReceiveSpec {
            track: TrackId(section.number("track", u64::MAX)?),
            kind: section.kind()?,
            mid: section.get("mid")?,
            rids: section.get("rids")?,
            ssrcs: section.ssrcs("ssrcs")?,
            rtx_ssrcs: section.ssrcs("rtx_ssrcs")?,
            codecs: section.codecs()?,
            extensions: section.extensions()?,
            screen: section.get("screen")?,
        }))
    }
}

impl FromPyObject<'_, '_> for Slot {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let section = Fields {
            object: &object,
            name: "slot",
        };
        Ok(Self(SlotSpec {
            slot: SlotId(section.number("slot", u16::MAX.into())? as u16),
            kind: section.kind()?,
            mid: section.get("mid")?,
            ssrc: Ssrc(section.number("ssrc", u32::MAX.into())? as u32),
            rtx_ssrc: section
                .optional("rtx_ssrc", u32::MAX.into())?
                .map(|ssrc| Ssrc(ssrc as u32)),
            codecs: section.codecs()?,
            extensions: section.extensions()?,
            loudest: section.get("loudest")?,
            cname: section.get("cname")?,
        }))
    }
}

/// The attributes of one object, with a name for messages.
struct Fields<'a, 'py> {
    object: &'a Bound<'py, PyAny>,
    name: &'static str,
}

impl<'py> Fields<'_, 'py> {
    fn attribute(&self, field: &str) -> PyResult<Bound<'py, PyAny>> {
        self.object
            .getattr(field)
            .map_err(|_| PyValueError::new_err(format!("{} has no attribute {field}", self.name)))
    }

    fn get<T>(&self, field: &str) -> PyResult<T>
    where
        T: for<'a> FromPyObject<'a, 'py>,
    {
        let value = self.attribute(field)?;
        let extracted: Result<T, PyErr> = value.extract().map_err(Into::into);
        extracted.map_err(|error| self.refuse(field, &error.to_string()))
    }

    fn number(&self, field: &str, max: u64) -> PyResult<u64> {
        let value: U64 = self.get(field)?;
        if value.0 > max {
            return Err(self.refuse(field, &format!("{} is above {max}", value.0)));
        }
        Ok(value.0)
    }

    fn optional(&self, field: &str, max: u64) -> PyResult<Option<u64>> {
        if self.attribute(field)?.is_none() {
            return Ok(None);
        }
        self.number(field, max).map(Some)
    }

    fn ssrcs(&self, field: &str) -> PyResult<Vec<Ssrc>> {
        Ok(self
            .get::<Vec<U32>>(field)?
            .into_iter()
            .map(|ssrc| Ssrc(ssrc.0 as u32))
            .collect())
    }

    fn kind(&self) -> PyResult<Kind> {
        match self.get::<String>("kind")?.as_str() {
            "audio" => Ok(Kind::Audio),
            "video" => Ok(Kind::Video),
            other => Err(self.refuse("kind", &format!("{other:?} is neither audio nor video"))),
        }
    }

    fn codecs(&self) -> PyResult<Vec<CodecSpec>> {
        let list = self.attribute("codecs")?;
        list.try_iter()?.map(|object| codec(&object?)).collect()
    }

    fn extensions(&self) -> PyResult<ExtensionIds> {
        let object = self.attribute("extensions")?;
        let ids = Fields {
            object: &object,
            name: "extensions",
        };
        let id = |field| ids.number(field, u8::MAX.into()).map(|id| id as u8);
        Ok(ExtensionIds {
            mid: id("mid")?,
            rid: id("rid")?,
            repaired_rid: id("repaired_rid")?,
            audio_level: id("audio_level")?,
            abs_send_time: id("abs_send_time")?,
            transport_cc: id("transport_cc")?,
            abs_capture_time: id("abs_capture_time")?,
            video_orientation: id("video_orientation")?,
            playout_delay: id("playout_delay")?,
            dependency_descriptor: id("dependency_descriptor")?,
        })
    }

    fn refuse(&self, field: &str, why: &str) -> PyErr {
        PyValueError::new_err(format!("{}.{field}: {why}", self.name))
    }
}

fn codec(object: &Bound<'_, PyAny>) -> PyResult<CodecSpec> {
    let fields = Fields { object, name: "codec" };
    let name: String = fields.get("codec")?;
    let codec = match name.as_str() {
        "opus" => Codec::Opus,
        "vp8" => Codec::Vp8,
        "vp9" => Codec::Vp9,
        "h264" => Codec::H264,
        "av1" => Codec::Av1,
        other => return Err(fields.refuse("codec", &format!("{other:?} is not known"))),
    };
    let highest = 127;
    Ok(CodecSpec {
        codec,
        pt: Pt(fields.number("pt", highest)? as u8),
        rtx_pt: fields.optional("rtx_pt", highest)?.map(|pt| Pt(pt as u8)),
    })
}

/// A protection profile by its OpenSSL name, with keys of its length (RFC 7714 section 12, RFC 3711 section 8.2).
pub(crate) fn keys(profile: &str, tx: &[u8], rx: &[u8]) -> PyResult<(Profile, MasterKey, MasterKey)> {
    let (profile, length) = match profile {
        "SRTP_AEAD_AES_128_GCM" => (Profile::AeadAes128Gcm, 16 + 12),
        "SRTP_AEAD_AES_256_GCM" => (Profile::AeadAes256Gcm, 32 + 12),
        "SRTP_AES128_CM_SHA1_80" => (Profile::Aes128CmSha1_80, 16 + 14),
        other => return Err(PyValueError::new_err(format!("profile: {other:?} is not known"))),
    };
    if tx.len() != length || rx.len() != length {
        return Err(PyValueError::new_err(format!(
            "keys of this profile have {length} bytes with their salt"
        )));
    }
    Ok((profile, MasterKey(tx.to_vec()), MasterKey(rx.to_vec())))
}
