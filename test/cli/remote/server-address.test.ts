import { expect, it } from 'vitest';
import { parseServer } from '../../../src/cli/remote/server-address.ts';

it('names what is no address of a gateway, without the password in it', () => {
  const messages = ['https://ann:p/w@d@host:1', `https://ann:${'p'.repeat(200)}@host:1`, 'ann:pw@host', 'host:1'].map(
    (text) => {
      try {
        return parseServer(text, false).url;
      } catch (error) {
        return (error as Error).message;
      }
    },
  );
  expect(messages).toEqual([
    '"https://…@host:1" is not the address of a gateway.',
    '"https://…@host:1" is not the address of a gateway.',
    '"…@host" is not the address of a gateway.',
    '"host:1" is not the address of a gateway.',
  ]);
});
