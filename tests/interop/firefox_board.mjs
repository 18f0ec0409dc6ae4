// An officer in Firefox ESR over WebDriver BiDi: draws one line on the page of the class; prints "drawn" when it is saved.
import { createRequire } from "node:module";

const [clientFolder, link] = process.argv.slice(2);
const puppeteer = createRequire(`${clientFolder}/package.json`)("puppeteer-core");
const WAIT = { timeout: 30_000 };

const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath: "/usr/bin/firefox-esr",
  headless: true,
  extraPrefsFirefox: {
    "media.navigator.streams.fake": true,
    "media.navigator.permission.disabled": true,
    "intl.accept_languages": "en-GB",
  },
});

try {
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 800 });
  await page.goto(link);
  await page.waitForSelector("input[type=text]", WAIT);
  await page.type("input[type=text]", "Officer Ben");
  await page.waitForSelector('form button[type="submit"]:not([disabled])', WAIT);
  await page.click('form button[type="submit"]');
  await page.waitForSelector('[data-board-tools] button[aria-label="Pen"]', WAIT);
  const board = await page.waitForSelector("[data-board]", WAIT);
  const { x, y, width, height } = await board.boundingBox();
  await page.mouse.move(x + 0.3 * width, y + 0.4 * height);
  await page.mouse.down();
  for (let step = 1; step <= 20; step++)
    await page.mouse.move(x + (0.3 + 0.02 * step) * width, y + (0.4 + 0.01 * (step % 4)) * height);
  await page.mouse.up();
  console.log("drawn");
  // The tutor has seen it when this is told to end.
  await new Promise((resolve) => process.stdin.once("data", resolve));
} finally {
  await browser.close();
}
process.exit(0);
