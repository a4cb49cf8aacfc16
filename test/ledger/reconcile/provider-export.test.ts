import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMoltbotError } from '../../../src/core/errors.ts';
import { parseCsv } from '../../../src/ledger/reconcile/parse-csv.ts';
import { readExport } from '../../../src/ledger/reconcile/provider-export.ts';

const USAGE =
  'usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,web_search_count,inference_geo,speed';
const COST =
  'usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type';

describe("a provider's export", () => {
  it('of usage at Anthropic is tokens by day and model, its hours and keys added', () => {
    const text = [
      USAGE,
      '2026-11-20T09:00:00Z,claude-haiku-4-5-20251001,"a, ""b""",Default,standard,≤ 200k,100,10,1,"1,000",5,0,global,',
      '2026-11-20T10:00:00Z,claude-haiku-4-5,c,Default,standard,≤ 200k,1,0,0,0,2,0,global,',
      '2026-11-21,claude-next-9,c,Default,standard,≤ 200k,7,,,,,,global,',
    ].join('\r\n');
    const figures = ['inputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'outputTokens'];
    const haiku = { inputTokens: 101, cacheReadTokens: 1_000, cacheWriteTokens: 11, outputTokens: 7 };
    const next = { inputTokens: 7, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 };
    expect(readExport(`\ufeff${text}`, 'anthropic')).toEqual({
      figures,
      days: [
        { day: '2026-11-20', model: 'claude-haiku-4-5', figures: haiku },
        { day: '2026-11-21', model: 'claude-next-9', figures: next },
      ],
    });
  });

  it('of cost at Anthropic is dollars by day and model, whose names are those for people', () => {
    const line = (kind: string, cost: string) =>
      `2026-11-20,Claude Haiku 4.5,Default,k,message,≤ 200k,${kind},${cost},9,token`;
    expect(
      readExport([COST, line('input_no_cache', '0.05'), line('output', '5e-06')].join('\n'), 'anthropic').days,
    ).toEqual([{ day: '2026-11-20', model: 'claude-haiku-4-5', figures: { costNanoUsd: 50_005_000 } }]);
  });

  it('of usage at OpenAI is requests and tokens; what was cached is no plain input', () => {
    const text = [
      'start_time;end_time;num_model_requests;model;input_tokens;output_tokens;input_cached_tokens',
      '1795132800;1795219200;3;gpt-5.4-2026-03-05;100;20;40.0',
    ].join('\n');
    const figures = { requests: 3, inputTokens: 60, cacheReadTokens: 40, outputTokens: 20 };
    expect(readExport(text, 'openai').days).toEqual([{ day: '2026-11-20', model: 'gpt-5.4', figures }]);
  });

  it('of cost at OpenAI is dollars, of no model where no line item says one', () => {
    const text = [
      'start_time_iso\tamount_value\tamount_currency\tline_item',
      '2026-11-20T00:00:00+00:00\t0.8958740000000000\tusd\t',
      '2026-11-20T00:00:00+00:00\t0.1\tusd\tgpt-5.4-2026-03-05, input',
      '2026-11-21T00:00:00+00:00\t\t\t',
    ].join('\n');
    expect(readExport(text, 'openai').days).toEqual([
      { day: '2026-11-20', model: null, figures: { costNanoUsd: 895_874_000 } },
      { day: '2026-11-20', model: 'gpt-5.4', figures: { costNanoUsd: 100_000_000 } },
      { day: '2026-11-21', model: null, figures: { costNanoUsd: 0 } },
    ]);
  });

  it('without a figure has none', () => {
    const text = 'start_time,end_time,start_time_iso,end_time_iso\n1795132800,1795219200,2026-11-20T00:00:00+00:00,x';
    expect(readExport(text, 'openai')).toEqual({ figures: [], days: [] });
    expect(readExport(USAGE, 'anthropic').days).toEqual([]);
  });

  it.each([
    ['', 'The file is empty.'],
    ['a,b\n1,2', 'The first line of the file is not that of a usage or cost export.'],
    ['PK\u0003\u0004\u0000\u0000', 'The first line of the file is not that of a usage or cost export.'],
    ['date,model,output_tokens\n\nsoon,m,1', 'Line 3 of the file: what stands under date is not a day.'],
    ['date,model,output_tokens\n2026-02-30,m,1', 'Line 2 of the file: what stands under date is not a day.'],
    [
      'date,model,output_tokens\n2026-02-01,"m\n",-1',
      'Line 2 of the file: what stands under output_tokens is not a count.',
    ],
    [
      'date,model,output_tokens\n2026-02-01,m,1e9',
      'Line 2 of the file: what stands under output_tokens is not a count.',
    ],
    ['date,cost\n2026-02-01,=1+1', 'Line 2 of the file: what stands under cost is not an amount.'],
    ['date,cost\n2026-02-01,1e+99', 'Line 2 of the file: what stands under cost is not an amount.'],
    ['date,cost,currency\n2026-02-01,1,EUR', 'Line 2 of the file: what stands under currency is not dollars.'],
  ])('is refused with the line and column at fault: %j', (text, message) => {
    expect(() => readExport(text, 'anthropic')).toThrow(message);
  });

  it('of anything at all is read or refused by name, and quickly', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', '1', 'date', 'cost', ';', '__proto__') }),
        (noise) => {
          for (const text of [noise, `date,cost,model\n${noise}`]) {
            try {
              readExport(text, 'openai');
            } catch (error) {
              if (!isMoltbotError(error)) throw error;
            }
          }
        },
      ),
    );
    for (const text of ['"'.repeat(4_000_001), '""'.repeat(2_000_000), ','.repeat(2_000_000), '"a\n'.repeat(1_000_000)])
      expect(parseCsv(text).length).toBeGreaterThan(0);
  }, 20_000);

  it('keeps what was quoted', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.string(), { minLength: 2, maxLength: 4 }), { minLength: 1 }), (rows) => {
        const quoted = rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(','));
        const text = ['a,b', ...quoted].join('\n');
        expect(
          parseCsv(text)
            .slice(1)
            .map(({ cells }) => cells),
        ).toEqual(rows);
      }),
    );
  });
});
