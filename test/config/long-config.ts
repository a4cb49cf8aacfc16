// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the config, not of JavaScript

/** A config of more than 200 lines as a person grows it: comments everywhere, both quotes, references, own spacing. */
export function longConfig(): string {
  const models = Array.from({ length: 64 }, (_, index) => [
    `        // model ${index}: asked for by team ${index % 7}; see "notes", { and } included`,
    `        'local/model-${index}': { params: { temperature: 0.${index % 10} } }, /* keep */`,
  ]).flat();
  const agents = Array.from({ length: 15 }, (_, index) => [
    `      /* agent ${index} */`,
    `      { id: "agent-${index}",   model: { primary: 'opus' }, // its own model`,
    `        auth: { env: ${index % 2 === 0} } },`,
  ]).flat();
  return [
    '// The configuration of this machine. Do not reformat!',
    '{',
    '  $schema: "https://example.org/moltbot.schema.json",',
    '  env: {',
    '    // from the password manager, by direnv',
    '    ANTHROPIC_API_KEY: "${WORK_KEY}",',
    "    XAI_API_KEY: '${HOME_KEY}', // private",
    '  },',
    '  vault: { kind: "file" },',
    '  gateway: {',
    '    port: 8400, // the usual one',
    '    host : "127.0.0.1"  ,',
    '    timeouts: { connectMs: 5000 /* impatient */ },',
    '  },',
    '',
    '  /* Models.',
    '     Several lines of thought. */',
    '  agents: {',
    '    defaults: {',
    "      model: { primary: 'opus', fallbacks: [",
    '        "anthropic/claude-haiku-4-5", // cheap',
    '      ] },',
    '      models: {',
    `        'anthropic/claude-opus-4-5': { alias: 'opus', params: { cacheControlTtl: "1h" } }, // the big one`,
    ...models,
    '      },',
    '    },',
    '    list: [',
    ...agents,
    '    ],',
    '  },',
    '  models: { providers: { local: { api: ["openai-chat"], auth: "none", baseUrl: "http://127.0.0.1:11434/v1" } } },',
    '  log: { level: "info" },',
    '}',
    '// The end.',
    '',
  ].join('\n');
}
