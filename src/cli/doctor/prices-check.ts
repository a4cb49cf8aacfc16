import { readStoredCatalog } from '../../catalog/loaded-catalog.ts';
import { SHIPPED } from '../../catalog/shipped.ts';
import type { DoctorContext, Finding } from './finding.ts';

/** The loaded catalog can be read and is not older than what this version of the program ships. */
export function checkPrices({ app }: DoctorContext): Finding[] {
  const { file } = readStoredCatalog(app.paths.catalogFile);
  const shipped = SHIPPED.asOf;
  if (!file) return [{ check: 'prices', level: 'ok', message: `Models and prices are those shipped (${shipped}).` }];
  if (file.asOf >= shipped)
    return [{ check: 'prices', level: 'ok', message: `Models and prices as of ${file.asOf} are loaded.` }];
  return [
    {
      check: 'prices',
      level: 'warning',
      message: `The loaded models and prices (${file.asOf}) are older than the shipped ones (${shipped}).`,
      remedy: 'Go back to those: moltbot models prices reset',
      file: app.paths.catalogFile,
    },
  ];
}
