/** The media sections of our one offer, in their order (docs/protocol.md section 2.1). */

export const PUBLISHED = ["mic", "camera", "screen"] as const;
export type PublishedUse = (typeof PUBLISHED)[number];
export type ReceivedUse = "audio" | "interpretation" | "video" | "screen_view";
export type SectionUse = PublishedUse | ReceivedUse;

export const AUDIO_SLOTS = 3;
export const VIDEO_SLOTS = 9;

export const RECEIVED: readonly ReceivedUse[] = [
  ...Array<ReceivedUse>(AUDIO_SLOTS).fill("audio"),
  "interpretation",
  ...Array<ReceivedUse>(VIDEO_SLOTS).fill("video"),
  "screen_view",
];

/** Lowest first. Bit rates suit talking heads on links of 1 to 2 Mbit/s up. */
export const CAMERA_ENCODINGS: readonly RTCRtpEncodingParameters[] = [
  { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: "f", scaleResolutionDownBy: 1, maxBitrate: 1_500_000 },
];

export const SCREEN_ENCODING: RTCRtpEncodingParameters = { maxBitrate: 2_500_000, maxFramerate: 15 };

/**
 * VP8 first, then what the server can forward; with all of a browser's codecs the offer would pass the message limit.
 * Empty when the browser tells nothing: then its own choice stands.
 */
export function forwardable(codecs: readonly RTCRtpCodec[]): RTCRtpCodec[] {
  const rank = (codec: RTCRtpCodec): number => {
    const name = codec.mimeType.toLowerCase();
    if (name === "video/vp8") return 0;
    if (name === "video/vp9" && !/profile-id=[1-9]/.test(codec.sdpFmtpLine ?? "")) return 1;
    if (name === "video/h264" && /packetization-mode=1/.test(codec.sdpFmtpLine ?? "")) return 2;
    if (name === "video/rtx") return 3;
    return -1;
  };
  return codecs.filter((codec) => rank(codec) >= 0).sort((a, b) => rank(a) - rank(b));
}
