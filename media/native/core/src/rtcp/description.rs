//! Source description and goodbye (RFC 3550 sections 6.5 and 6.6).

use super::Malformed;
use crate::id::Ssrc;
use crate::wire::u32_at;

pub(crate) const CNAME: u8 = 1;

/// CNAMEs of a source description; other items are ignored.
#[derive(Clone, Copy, Debug)]
pub struct Sdes<'a> {
    count: u8,
    body: &'a [u8],
}

impl<'a> Sdes<'a> {
    pub(super) fn parse(count: u8, body: &'a [u8]) -> Result<Self, Malformed> {
        let mut rest = body;
        for _ in 0..count {
            rest = chunk(rest)?.2;
        }
        Ok(Self { count, body })
    }

    /// Each chunk's SSRC and CNAME; bytes, since a peer may send anything.
    pub fn cnames(&self) -> impl Iterator<Item = (Ssrc, &'a [u8])> {
        let mut rest = self.body;
        let chunks = (0..self.count).map_while(move |_| {
            let (ssrc, cname, after) = chunk(rest).ok()?;
            rest = after;
            Some((ssrc, cname))
        });
        chunks.filter_map(|(ssrc, cname)| Some((ssrc, cname?)))
    }
}

type Chunk<'a> = (Ssrc, Option<&'a [u8]>, &'a [u8]);

/// One chunk: SSRC, CNAME and what follows the zero padding.
fn chunk(bytes: &[u8]) -> Result<Chunk<'_>, Malformed> {
    if bytes.len() < 4 {
        return Err(Malformed::Body);
    }
    let ssrc = Ssrc(u32_at(bytes, 0));
    let mut cname = None;
    let mut at = 4;
    loop {
        match bytes.get(at..) {
            Some([0, ..]) => break,
            Some([kind, len, rest @ ..]) => {
                let text = rest.get(..usize::from(*len)).ok_or(Malformed::Body)?;
                if *kind == CNAME {
                    cname = cname.or(Some(text));
                }
                at += 2 + text.len();
            }
            _ => return Err(Malformed::Body),
        }
    }
    // At least one zero byte, then up to the next multiple of four.
    let end = (at + 1).next_multiple_of(4);
    let rest = bytes.get(end..).ok_or(Malformed::Body)?;
    Ok((ssrc, cname, rest))
}

/// Sources that leave. One of them says nothing about a track's other layers.
#[derive(Clone, Copy, Debug)]
pub struct Bye<'a>(&'a [u8]);

impl<'a> Bye<'a> {
    pub(super) fn parse(count: u8, body: &'a [u8]) -> Result<Self, Malformed> {
        let ssrcs = body.get(..4 * usize::from(count)).ok_or(Malformed::Body)?;
        Ok(Self(ssrcs))
    }

    pub fn ssrcs(&self) -> impl Iterator<Item = Ssrc> + 'a {
        self.0.chunks_exact(4).map(|ssrc| Ssrc(u32_at(ssrc, 0)))
    }
}
