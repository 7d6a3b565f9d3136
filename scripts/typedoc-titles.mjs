// A plugin for TypeDoc: guides are called by their first heading, not by their file.
import { Converter } from "typedoc";

export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, document) => {
    const [text] = document.content;
    const [heading, title] = /^# (.+)\n+/.exec(text?.text ?? "") ?? [];
    if (heading === undefined)
      throw new Error(`[docs] expected ${document.name} to begin with a heading, found none`);
    document.name = title;
    text.text = text.text.slice(heading.length);
  });
}
