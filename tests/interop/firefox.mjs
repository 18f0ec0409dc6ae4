// Two people of a class in Firefox ESR over WebDriver BiDi; prints what each receives as one JSON line.
import { createRequire } from "node:module";

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
  const page = await browser.newPage();
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
  const pc = window.connections.filter((c) => c.connectionState === "connected").at(-1);
  const totals = { frames: 0, energy: 0 };
  if (!pc) return totals;
  for (const entry of (await pc.getStats()).values()) {
    if (entry.type !== "inbound-rtp") continue;
    totals.frames += entry.framesDecoded ?? 0;
    totals.energy += entry.totalAudioEnergy ?? 0;
  }
  return totals;
};

try {
  const tutor = await join(tutorLink, "Tutor Ana", true);
  const officer = await join(officerLink, "Officer Ben", false);
  const before = await officer.evaluate(received);
  await officer.waitForFunction(
    async (read, start) => {
      const now = await eval(`(${read})`)();
      return now.frames > start.frames + 10 && now.energy > start.energy;
    },
    { timeout: 30_000, polling: 200 },
    received.toString(),
    before,
  );
  const encoded = await tutor.evaluate(async () => {
    const pc = window.connections.at(-1);
    const rids = {};
    for (const entry of (await pc.getStats()).values())
      if (entry.type === "outbound-rtp" && entry.rid) rids[entry.rid] = entry.framesEncoded ?? 0;
    return rids;
  });
  console.log(JSON.stringify({ officer: await officer.evaluate(received), encoded }));
} finally {
  await browser.close();
}
