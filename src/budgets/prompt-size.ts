/** Uses of a tool that the provider runs within one answer: after each, the model reads the prompt again. */
export interface Lookups {
  /** At most so many. */
  readonly uses: number;
  /** What the result of each may add to the prompt; infinite where nothing bounds it. */
  readonly tokensEach: number;
  /** Whether each has a price (web search) beside its tokens. */
  readonly isPriced: boolean;
}

/** What a hard budget must know of a request to say what it can cost at most. */
export interface PromptSize {
  /** Of the whole body, but for the data of images and documents. */
  readonly textBytes: number;
  /** In images of ordinary detail: one of the largest kind counts as several. */
  readonly images: number;
  /** Documents, and whatever else is named or stored elsewhere: each may fill all that the model can read. */
  readonly documents: number;
  /** The provider's own figure for the whole prompt, which then stands for the three above. */
  readonly countedTokens: number | undefined;
  /** Answers asked for; none where nothing is written (embeddings). */
  readonly answers: number;
  /** The client's bound of one answer, in tokens. */
  readonly maxOutputTokens: number | undefined;
  /** Tools that the provider describes to the model in words of its own. */
  readonly providerTools: number;
  readonly lookups: readonly Lookups[];
  /** Asks for a longer context than the model has by itself (a beta of Anthropic's). */
  readonly asksLongContext: boolean;
  /** As the client wrote them. */
  readonly serviceTier: string | undefined;
  readonly inferenceGeo: string | undefined;
  readonly speed: string | undefined;
  /** Answered later: the usage may never pass the gateway. */
  readonly isBackground: boolean;
  /** Why there is no upper bound, as a clause: `the tool code_execution runs at the provider without a limit`. */
  readonly unbounded: string | undefined;
}

/** One answer to a prompt of nothing. */
export const EMPTY_PROMPT: PromptSize = {
  textBytes: 0,
  images: 0,
  documents: 0,
  countedTokens: undefined,
  answers: 1,
  maxOutputTokens: undefined,
  providerTools: 0,
  lookups: [],
  asksLongContext: false,
  serviceTier: undefined,
  inferenceGeo: undefined,
  speed: undefined,
  isBackground: false,
  unbounded: undefined,
};
