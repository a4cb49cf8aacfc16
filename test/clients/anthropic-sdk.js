// A program of somebody who uses @anthropic-ai/sdk: it knows the gateway only by its environment.
import Anthropic, { toFile } from '@anthropic-ai/sdk';
import { printOutcomes } from './outcomes.js';

const client = new Anthropic();
const model = process.env.MODEL ?? 'claude-haiku-4-5';
const question = { model, max_tokens: 50, messages: [{ role: 'user', content: 'Hello' }] };
const shown = ({ role, content, stop_reason }) => ({ role, text: content[0].text, stop_reason });

await printOutcomes({
  message: async () => shown(await client.messages.create(question)),

  stream: async () => shown(await client.messages.stream(question).finalMessage()),

  events: async () => {
    const types = [];
    for await (const { type } of await client.messages.create({ ...question, stream: true })) types.push(type);
    return types;
  },

  betas: async () =>
    shown(await client.beta.messages.create({ ...question, betas: ['one-2026-01-01', 'two-2026-01-01'] })),

  count: async () => {
    const { max_tokens, ...countable } = question;
    return Object.keys(await client.messages.countTokens(countable));
  },

  /** As many at once as Claude Code sends for its /context. */
  counts: async () => {
    const { max_tokens, ...countable } = question;
    const counted = await Promise.all(Array.from({ length: 27 }, () => client.messages.countTokens(countable)));
    return counted.length;
  },

  models: async () => {
    const ids = [];
    for await (const { id } of client.models.list()) ids.push(id);
    return ids;
  },

  model: async () => (await client.models.retrieve(model)).id,

  file: async () => {
    const uploaded = await client.files.upload({ file: await toFile(Buffer.alloc(3_000_000, 'x'), 'big.txt') });
    const found = await client.files.retrieveMetadata(uploaded.id);
    const content = await client.files.download(uploaded.id);
    const listed = await client.files.list();
    const deleted = await client.files.delete(uploaded.id);
    return {
      filename: found.filename,
      bytes: (await content.arrayBuffer()).byteLength,
      isListed: listed.data.some(({ id }) => id === uploaded.id),
      deleted: deleted.type,
    };
  },

  batch: async () => {
    const created = await client.messages.batches.create({ requests: [{ custom_id: 'one', params: question }] });
    const found = await client.messages.batches.retrieve(created.id);
    const results = [];
    for await (const { custom_id, result } of await client.messages.batches.results(created.id)) {
      results.push([custom_id, result.type]);
    }
    return { status: found.processing_status, resultsUrl: found.results_url.replace(created.id, '{id}'), results };
  },

  abort: async () => {
    const stream = client.messages.stream(question);
    let atMs;
    stream.on('text', () => {
      atMs ??= Date.now();
      stream.abort();
    });
    const error = await stream.finalMessage().then(shown, (raised) => raised.constructor.name);
    return { error, atMs };
  },

  hang: async () => {
    const stream = client.messages.stream(question);
    stream.on('text', () => console.log('streaming'));
    return shown(await stream.finalMessage());
  },
});
