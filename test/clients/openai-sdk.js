// A program of somebody who uses openai: it knows the gateway only by its environment.
import OpenAI, { toFile } from 'openai';
import { printOutcomes } from './outcomes.js';

const client = new OpenAI();
const model = process.env.MODEL ?? 'gpt-5';
const chat = { model, messages: [{ role: 'user', content: 'Hello' }] };
const response = { model, input: 'Hello' };

await printOutcomes({
  chat: async () => {
    const { choices } = await client.chat.completions.create(chat);
    return { text: choices[0].message.content, finish_reason: choices[0].finish_reason };
  },

  chatStream: async () => {
    let text = '';
    let finish_reason = null;
    for await (const { choices } of await client.chat.completions.create({ ...chat, stream: true })) {
      text += choices[0]?.delta.content ?? '';
      finish_reason = choices[0]?.finish_reason ?? finish_reason;
    }
    return { text, finish_reason };
  },

  response: async () => {
    const { output_text, status } = await client.responses.create(response);
    return { text: output_text, status };
  },

  responseStream: async () => {
    const types = [];
    for await (const { type } of await client.responses.create({ ...response, stream: true })) types.push(type);
    return { first: types[0], last: types.at(-1) };
  },

  /** A stored answer belongs to the key that made it. */
  stored: async () => {
    const { id } = await client.responses.create({ ...response, store: true });
    const found = await client.responses.retrieve(id);
    const next = await client.responses.create({ ...response, previous_response_id: id });
    return { isFound: found.id === id, next: next.status };
  },

  embeddings: async () => {
    const { data } = await client.embeddings.create({ model: 'text-embedding-3-small', input: ['one', 'two'] });
    return data.map(({ embedding }) => embedding.length);
  },

  models: async () => {
    const ids = [];
    for await (const { id } of client.models.list()) ids.push(id);
    return ids;
  },

  file: async () => {
    const file = await toFile(Buffer.alloc(3_000_000, 'x'), 'big.jsonl');
    const uploaded = await client.files.create({ file, purpose: 'batch' });
    const found = await client.files.retrieve(uploaded.id);
    const content = await client.files.content(uploaded.id);
    const batch = await client.batches.create({
      input_file_id: uploaded.id,
      endpoint: '/v1/responses',
      completion_window: '24h',
    });
    const deleted = await client.files.delete(uploaded.id);
    return {
      filename: found.filename,
      bytes: (await content.arrayBuffer()).byteLength,
      batch: (await client.batches.retrieve(batch.id)).input_file_id === uploaded.id,
      deleted: deleted.deleted,
    };
  },
});
