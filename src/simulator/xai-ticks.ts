/** What xAI says an answer cost, in 10⁻¹⁰ dollars: at $0.20 and $0.50 for a million tokens, as of grok-4-fast. */
export function xaiTicks(inputTokens: number, outputTokens: number): number {
  return inputTokens * 2_000 + outputTokens * 5_000;
}
