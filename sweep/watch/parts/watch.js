// Asks again and again for what is stored, and shows it: how far the sweep is, the verdicts, the explorer.

const EVERY = 500; // milliseconds
const told = document.getElementById("told"), bar = document.getElementById("progress");
const MOST_OPEN = 3; // verdicts of a claim: more would push the map away
const verdicts = document.getElementById("verdicts"), section = document.querySelector(".explorer");
let have = 0, hasEnded = false;

function inWords(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function progressText({ stored, planned, secondsLeft, isRunning, report }) {
  const runs = `${stored.toLocaleString("en")} of ${planned.toLocaleString("en")} runs`;
  if (isRunning && stored === planned) return `All ${planned.toLocaleString("en")} runs are done; the report is being written.`;
  if (isRunning) return secondsLeft === null ? `${runs}` : `${runs}, about ${inWords(secondsLeft)} left`;
  if (stored === planned) return `All ${planned.toLocaleString("en")} runs are done${report ? `; the report is ${report}` : ""}.`;
  return stored ? `${runs}; nobody trains the rest at the moment.` : "Waiting for the sweep to begin.";
}

function element(kind, ...texts) {
  const made = document.createElement(kind);
  made.append(...texts); // as texts, whatever they say
  return made;
}

function showClaims(claims) {
  const open = new Set([...verdicts.querySelectorAll("details[open]")].map(({ dataset }) => dataset.claim));
  verdicts.replaceChildren(...claims.map(({ sentence, tally, verdicts }, claim) => {
    const rows = verdicts.map(({ ruling, condition, grounds }) => {
      const row = element("p", element("strong", ruling), `${condition && `, ${condition}`}: ${grounds}`);
      row.className = ruling.split(" ")[0];
      return row;
    });
    const heading = element("h2", sentence);
    if (rows.length <= MOST_OPEN) return element("section", heading, ...rows);
    const folded = element("details", element("summary", tally), ...rows);
    folded.dataset.claim = String(claim);
    folded.open = open.has(String(claim));
    return element("section", heading, folded);
  }));
}

async function ask() {
  const answer = await fetch(`state?have=${have}`);
  if (answer.status !== 200) return;
  const state = await answer.json();
  if (!state.version) return;
  have = state.version;
  hasEnded = state.hasEnded;
  told.textContent = progressText(state);
  bar.max = state.planned;
  bar.value = state.stored;
  showClaims(state.claims);
  if (state.explorer) await section.explorer.take(state.explorer);
}

(async () => {
  let misses = 0;
  while (!hasEnded && misses < 5) {
    try {
      await ask();
      misses = 0;
    } catch (error) {
      misses += 1;
    }
    await new Promise((done) => setTimeout(done, EVERY));
  }
  if (!hasEnded) told.textContent += " The process that showed this page has ended.";
})();
