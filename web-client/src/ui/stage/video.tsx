/** A video element that shows a stream; sound never comes from here. */
import { useEffect, useRef } from "react";

export interface VideoProps {
  readonly stream: MediaStream;
  readonly className: string;
  /** Read out instead of the picture. */
  readonly label: string;
}

export function Video({ stream, className, label }: VideoProps) {
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
    />
  );
}
