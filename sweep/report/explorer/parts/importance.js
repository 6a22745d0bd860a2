// Which axes matter: how much of the spread of the cells each explains, as bars.

class Importance {
  constructor(element) {
    this.list = make("dl", { class: "explorer-importance" });
    this.caption = make("p", { class: "explorer-caption" }, say("importanceOf"));
    this.heading = make("h3", {}, say("importance"));
    element.append(this.heading, this.list, this.caption);
  }

  static suits(sweep) {
    return sweep.importance !== null;
  }

  draw(sweep, metric) {
    const rows = sweep.importance[metric];
    for (const part of [this.heading, this.list, this.caption]) part.hidden = !rows.length;
    this.list.replaceChildren(...rows.flatMap(({ axis, alone, total }) => [make("dt", {}, axis), this.bar(alone, total)]));
  }

  bar(alone, total) {
    if (alone === null) return make("dd", {}, "–");
    const whole = Math.max(alone, total ?? 0), percent = (share) => `${Math.round(100 * share)} %`;
    const bar = make("span", { class: "explorer-bar", "aria-hidden": "true" }, make("span"), make("span"));
    bar.children[0].style.width = `${100 * alone}%`;
    bar.children[1].style.width = `${100 * (whole - alone)}%`;
    const isMore = percent(whole) !== percent(alone);
    return make("dd", {}, bar, isMore ? say("importanceWith", { alone: percent(alone), total: percent(whole) }) : percent(alone));
  }
}
