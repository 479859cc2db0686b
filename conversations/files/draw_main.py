"""The child process of drawing.py: reads a picture, writes a line with its size and a small WebP of it.

A number as its argument asks for a square of so many dots, cut from the middle.

Runs alone and imports nothing of ours. Pillow is loaded under the limits: what a decoder does wrong ends here.
"""

import io
import json
import resource
import sys

MEMORY_BYTES = 768 * 1024 * 1024
CPU_SECONDS = 10
PIXELS_MAX = 50_000_000
# Twice as many dots as the timeline shows, for sharp screens.
SIDE = 640
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "AVIF")


def main() -> None:
    """Draw what stands in stdin; any trouble is an exit code."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    # No file is written, however a decoder is tricked.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    from PIL import Image, ImageOps

    # Twice as many are an error, once as many a warning.
    Image.MAX_IMAGE_PIXELS = PIXELS_MAX // 2
    side, is_square = (int(sys.argv[1]), True) if len(sys.argv) > 1 else (SIDE, False)
    with Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=FORMATS) as picture:
        if picture.width * picture.height > PIXELS_MAX:
            sys.exit(3)
        # A JPEG is read at a fraction of its size already; of what moves the first picture is read.
        size = picture.size
        picture.draft("RGB", (side * 2, side * 2))
        is_turned = picture.getexif().get(0x0112, 1) in {5, 6, 7, 8}
        upright = ImageOps.exif_transpose(picture).convert("RGBA" if _is_clear(picture) else "RGB")
    if is_square:
        upright = ImageOps.fit(upright, (side, side))
    else:
        upright.thumbnail((side, side))
    # Where it was taken, by whom and with what stays behind.
    upright.info.clear()
    out = io.BytesIO()
    upright.save(out, "WEBP", quality=80, method=3)
    width, height = reversed(size) if is_turned else size
    sys.stdout.buffer.write(json.dumps({"width": width, "height": height}).encode() + b"\n" + out.getvalue())


def _is_clear(picture: object) -> bool:
    """Whether something shows through it."""
    return getattr(picture, "has_transparency_data", False)


if __name__ == "__main__":
    main()
