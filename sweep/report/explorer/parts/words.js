// The texts that a reader sees come with the data, in the language of the page.

let texts = {};

// A text with its places filled in: with "{axis} = {value}", say("place", { axis: "neurons", value: 10 }) is "neurons = 10".
function say(name, places = {}) {
  return texts[name].replace(/\{(\w+)\}/g, (_, place) => String(places[place]));
}
