// The password rule, live. Which parts it has and how long it must be stand in the page, from the API's own table;
// here is only how each part is looked for. The server judges.

const HOLDS = {
  needs_uppercase: (password) => /\p{Uppercase}/u.test(password),
  needs_lowercase: (password) => /\p{Lowercase}/u.test(password),
  needs_digit: (password) => /\p{Nd}/u.test(password),
  needs_special: (password) => /[^\p{L}\p{N}\s]/u.test(password),
  has_whitespace: (password) => !/\s/u.test(password),
};
const CLASSES = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{L}\p{N}]/u];

/** Mark what the password in a field holds of the rule, and how strong it looks, as it is typed. */
export function showRules(input) {
  const list = document.getElementById(input.dataset.rules);
  const parts = list.querySelectorAll("[data-requirement], [data-shortest]");
  const shortest = Number([...parts].find((part) => part.dataset.shortest).dataset.shortest);
  const strength = document.querySelector(`[data-strength="${input.name}"]`);
  input.addEventListener("input", () => {
    const password = input.value.normalize("NFC");
    const length = [...password].length;
    for (const line of list.querySelectorAll(".unmet:not([data-requirement], [data-shortest])")) line.classList.remove("unmet");
    const met = [...parts].map((part) => mark(part, password, part.dataset.shortest ? length >= shortest : undefined));
    const score = password ? (met.every(Boolean) ? scoreOf(password, length) : 1) : 0;
    strength.querySelector("meter").value = score;
    strength.querySelector("meter").className = `score-${score}`;
    const { weak, fair, good, strong } = strength.dataset;
    strength.querySelector("[role=status]").textContent = ["", weak, fair, good, strong][score];
  });
}

function mark(part, password, long) {
  const met = long ?? HOLDS[part.dataset.requirement](password);
  part.classList.toggle("met", met && password !== "");
  if (met) part.classList.remove("unmet");
  return met;
}

/** From 1, weak, to 4, by length, by how many different characters and by how many kinds. */
function scoreOf(password, length) {
  const kinds = CLASSES.filter((kind) => kind.test(password)).length;
  const different = new Set(password.toLowerCase()).size;
  const bits = Math.min(length, different * 1.5) * [0, 3, 3.6, 4, 4.4][kinds];
  return bits < 32 ? 1 : bits < 48 ? 2 : bits < 64 ? 3 : 4;
}
