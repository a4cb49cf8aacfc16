import { describe, expect, it } from 'vitest';
import { errorEvent, keepAlive } from '../../../src/gateway/stream/error-event.ts';

const failure = { message: 'It "broke". (mbr_1)', code: 'upstream_broken', sequenceNumber: 7 };

describe('errorEvent', () => {
  it('speaks the Messages dialect', () => {
    expect(errorEvent('anthropic-messages', failure).toString()).toBe(
      'event: error\ndata: {"type":"error","error":{"type":"api_error","message":"It \\"broke\\". (mbr_1)"}}\n\n',
    );
  });

  it('says overloaded where that is what happened', () => {
    expect(errorEvent('anthropic-messages', { ...failure, isOverloaded: true }).toString()).toBe(
      'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"It \\"broke\\". (mbr_1)"}}\n\n',
    );
  });

  it('speaks the Responses dialect, with the next sequence number', () => {
    expect(errorEvent('openai-responses', failure).toString()).toBe(
      'event: error\ndata: {"type":"error","code":"server_error","message":"It \\"broke\\". (mbr_1)","param":null,"sequence_number":7}\n\n',
    );
  });

  it('speaks the chat dialect, without [DONE]', () => {
    expect(errorEvent('openai-chat', failure).toString()).toBe(
      'data: {"error":{"message":"It \\"broke\\". (mbr_1)","type":"server_error","param":null,"code":"upstream_broken"}}\n\n',
    );
  });

  it('keeps a Messages stream alive with a ping and the others with a comment', () => {
    expect(
      (['anthropic-messages', 'openai-responses', 'openai-chat'] as const).map((format) =>
        keepAlive(format).toString(),
      ),
    ).toEqual(['event: ping\ndata: {"type": "ping"}\n\n', ': keep-alive\n\n', ': keep-alive\n\n']);
  });
});
