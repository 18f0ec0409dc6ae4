/** A video element that shows a stream; sound never comes from here. */
import { useEffect, useRef } from "react";

export interface VideoProps {
  readonly stream: MediaStream;
  readonly className: string;
  /** Read out instead of the picture. */
  readonly label: string;
  /** Given the picture's own width over its height, when it is known and when it turns. */
  readonly onAspect?: (aspect: number) => void;
}

export function Video({ stream, className, label, onAspect }: VideoProps) {
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = element.current;
    if (!video) return;
    video.srcObject = stream;
    // Refused only while the page is hidden; the autoplay attribute starts it later.
    video.play().catch(() => {});
    return () => {
      video.srcObject = null;
    };
  }, [stream]);
  return (
    <video
      ref={element}
      className={className}
      aria-label={label}
      autoPlay
      muted
      playsInline
      disablePictureInPicture
      onResize={(event) => {
        const { videoWidth, videoHeight } = event.currentTarget;
        if (videoHeight > 0) onAspect?.(videoWidth / videoHeight);
      }}
    />
  );
}
