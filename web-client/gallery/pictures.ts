/** Drawn people and a drawn slide as live streams: the gallery needs neither camera nor server. */

const WIDTH = 640;
const HEIGHT = 360;

interface Looks {
  readonly wall: readonly [string, string];
  readonly skin: string;
  readonly hair: string;
  readonly cloth: string;
  readonly longHair: boolean;
}

const skins = ["#8d5a3c", "#c98f6b", "#5c3a28", "#e2b594", "#a8714e", "#70462f", "#d9a583"];
const hairs = ["#1d1715", "#3a2a20", "#0f0d0d", "#6b4a2f", "#2a2020", "#8c8782"];
const cloths = ["#1f3a5f", "#e8e4da", "#27584f", "#6a2f3c", "#39424e", "#b58b3c", "#4a3f73"];
const walls = [
  ["#cfd8dc", "#90a4ae"],
  ["#d8cfc2", "#a8937a"],
  ["#b9c9bf", "#7d9987"],
  ["#c8c5d6", "#8d88a8"],
  ["#d9d2cb", "#9aa3a8"],
] as const;

export function cameraStream(index: number): MediaStream {
  return stream(WIDTH, HEIGHT, (context, now) =>
    drawPerson(context, looksOf(index), now / 1000 + index * 1.7),
  );
}

export function slideStream(): MediaStream {
  return stream(1280, 720, drawSlide);
}

function stream(
  width: number,
  height: number,
  draw: (context: CanvasRenderingContext2D, now: number) => void,
): MediaStream {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const live = canvas.captureStream(4);
  if (!context) return live;
  draw(context, 0);
  setInterval(() => draw(context, performance.now()), 250);
  return live;
}

function looksOf(index: number): Looks {
  const pick = <Item>(items: readonly Item[], step: number): Item =>
    items[(index * step) % items.length] as Item;
  return {
    wall: pick(walls, 3),
    skin: pick(skins, 3),
    hair: pick(hairs, 5),
    cloth: pick(cloths, 2),
    longHair: index % 3 === 1,
  };
}

function drawPerson(context: CanvasRenderingContext2D, looks: Looks, time: number): void {
  const wall = context.createLinearGradient(0, 0, WIDTH, HEIGHT);
  wall.addColorStop(0, looks.wall[0]);
  wall.addColorStop(1, looks.wall[1]);
  context.fillStyle = wall;
  context.fillRect(0, 0, WIDTH, HEIGHT);
  context.fillStyle = "rgba(255,255,255,0.28)";
  context.fillRect(60, 36, 120, 150);
  context.fillStyle = "rgba(40,40,50,0.18)";
  context.fillRect(470, 60, 130, 12);
  for (let book = 0; book < 6; book++)
    context.fillRect(476 + book * 20, 24 + (book % 3) * 6, 13, 36 - (book % 3) * 6);

  const x = WIDTH / 2 + Math.sin(time * 0.7) * 7;
  const y = 158 + Math.cos(time * 0.9) * 3;
  if (looks.longHair) ellipse(context, x, y + 34, 88, 112, looks.hair);
  ellipse(context, x, 408, 186, 138, looks.cloth);
  context.fillStyle = looks.skin;
  context.fillRect(x - 27, y + 54, 54, 62);
  ellipse(context, x, y + 112, 34, 20, looks.skin);
  ellipse(context, x, y - 8, 77, 92, looks.hair);
  ellipse(context, x, y + 10, 64, 80, looks.skin);
  context.beginPath();
  context.fillStyle = looks.hair;
  context.ellipse(x, y - 48, 66, 38, 0, Math.PI, 0);
  context.fill();
  for (const side of [-1, 1]) ellipse(context, x + side * 24, y, 5, 5, "#241b18");
  context.strokeStyle = "rgba(70,25,20,0.75)";
  context.lineWidth = 4;
  context.lineCap = "round";
  context.beginPath();
  context.arc(x, y + 32, 20, 0.25 * Math.PI, 0.75 * Math.PI);
  context.stroke();
}

function ellipse(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  rx: number,
  ry: number,
  fill: string,
): void {
  context.fillStyle = fill;
  context.beginPath();
  context.ellipse(x, y, rx, ry, 0, 0, 2 * Math.PI);
  context.fill();
}

export function drawSlide(context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D): void {
  context.direction = "ltr";
  context.fillStyle = "#fdfdfb";
  context.fillRect(0, 0, 1280, 720);
  context.fillStyle = "#0b6b70";
  context.fillRect(0, 0, 18, 720);
  context.fillStyle = "#16313a";
  context.font = "700 52px system-ui, sans-serif";
  context.fillText("Rules of origin", 90, 130);
  context.font = "400 30px system-ui, sans-serif";
  context.fillStyle = "#45606a";
  context.fillText("When is a product wholly obtained?", 90, 184);
  const rows = [
    "Minerals taken from the soil",
    "Plants harvested there",
    "Fish caught by its vessels",
    "Goods made only from these",
  ];
  rows.forEach((row, index) => {
    const top = 260 + index * 94;
    context.fillStyle = index % 2 === 0 ? "#e7f2f1" : "#f3f6f5";
    context.fillRect(90, top, 1090, 74);
    context.fillStyle = "#0b6b70";
    context.font = "700 32px system-ui, sans-serif";
    context.fillText(String(index + 1), 116, top + 48);
    context.fillStyle = "#16313a";
    context.font = "400 32px system-ui, sans-serif";
    context.fillText(row, 170, top + 48);
  });
}
