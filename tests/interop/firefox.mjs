// Two people of a class in Firefox ESR over WebDriver BiDi; prints what each receives as one JSON line.
import { createRequire } from "node:module";

const WAIT_MS = 30_000;

const [clientFolder, tutorLink, officerLink] = process.argv.slice(2);
const puppeteer = createRequire(`${clientFolder}/package.json`)("puppeteer-core");

const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath: "/usr/bin/firefox-esr",
  headless: true,
  extraPrefsFirefox: {
    "media.navigator.streams.fake": true,
    "media.navigator.permission.disabled": true,
    "media.autoplay.default": 0,
    "media.peerconnection.ice.obfuscate_host_addresses": false,
    "intl.accept_languages": "en-GB",
  },
});

const remember = () => {
  const Native = window.RTCPeerConnection;
  window.connections = [];
  window.RTCPeerConnection = class extends Native {
    constructor(...args) {
      super(...args);
      window.connections.push(this);
    }
  };
};

async function join(link, name, publishes) {
  // A profile of his own: the browser's storage says who a guest is.
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.setViewport({ width: 1280, height: 800 });
  await page.evaluateOnNewDocument(remember);
  await page.goto(link);
  await page.waitForSelector("input[type=text]", { timeout: 20_000 });
  await page.type("input[type=text]", name);
  // The buttons say what a press would do.
  for (const device of ["microphone", "camera"]) {
    const press = (on) => `button[aria-label="Turn ${device} ${on ? "on" : "off"}"]`;
    await page.waitForSelector(`${press(true)}, ${press(false)}`, { timeout: 20_000 });
    const wanted = await page.$(press(publishes));
    await wanted?.click();
    await page.waitForSelector(press(!publishes), { timeout: 20_000 });
  }
  await page.click('form button[type="submit"]');
  await page.waitForFunction(
    () => (window.connections ?? []).some((pc) => pc.connectionState === "connected"),
    { timeout: 30_000, polling: 200 },
  );
  return page;
}

const received = async () => {
  const totals = { frames: 0, energy: 0, encoded: {} };
  const pc = window.connections.filter((each) => each.connectionState === "connected").at(-1);
  if (!pc) return totals;
  for (const entry of (await pc.getStats()).values()) {
    if (entry.type === "inbound-rtp") {
      totals.frames += entry.framesDecoded ?? 0;
      totals.energy += entry.totalAudioEnergy ?? 0;
    }
    if (entry.type === "outbound-rtp" && entry.rid) totals.encoded[entry.rid] = entry.framesEncoded ?? 0;
  }
  return totals;
};

/** Asks until the answer is right; the page's policy forbids to wait inside by an evaluated text. */
async function until(page, right) {
  const end = Date.now() + WAIT_MS;
  for (;;) {
    const told = await page.evaluate(received);
    if (right(told)) return told;
    if (Date.now() > end) throw new Error(`still ${JSON.stringify(told)}`);
  }
}

try {
  const tutor = await join(tutorLink, "Tutor Ana", true);
  const officer = await join(officerLink, "Officer Ben", false);
  const before = await officer.evaluate(received);
  const after = await until(
    officer,
    ({ frames, energy }) => frames > before.frames + 10 && energy > before.energy,
  );
  const { encoded } = await until(
    tutor,
    (told) => Object.values(told.encoded).filter((frames) => frames > 0).length >= 2,
  );
  console.log(JSON.stringify({ officer: after, encoded }));
} finally {
  await browser.close();
}
