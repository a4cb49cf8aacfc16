/**
 * Takes away what comes along when a credential is copied: surrounding space and quotes, `export NAME=…`, a `Bearer `
 * in front, and the line breaks (with their indentation) of a token that a terminal wrapped. What is inside stays: a
 * space in the middle is for the pattern to refuse.
 */
export function cleanPaste(text: string): string {
  let rest = text.replace(/^\ufeff/, '').trim();
  rest = rest.replace(/^(?:export\s+|set\s+|\$env:)?[A-Za-z_][A-Za-z0-9_]*\s*=\s*/, '');
  rest = rest.replace(/;$/, '').trim();
  rest = unquoted(rest);
  rest = rest.replace(/^Bearer\s+/i, '');
  return rest.replace(/\s*[\r\n]\s*/g, '');
}

function unquoted(text: string): string {
  const quote = text[0];
  const isQuoted = text.length >= 2 && (quote === '"' || quote === "'" || quote === '`') && text.endsWith(quote);
  return isQuoted ? text.slice(1, -1).trim() : text;
}
