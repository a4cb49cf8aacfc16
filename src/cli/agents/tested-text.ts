import type { TestedAgain } from '../../status/resume.ts';

/** One line for each profile that was tested: what came of it, and what goes on from there. */
export function testedText(
  { profileId, result, httpStatus, errorType }: TestedAgain,
  isGatewayRunning: boolean,
): string {
  if (result === 'passed') return `${profileId} passed its test: it is usable again.`;
  if (result === 'refused') {
    const answer = [httpStatus, errorType].filter((part) => part !== null).join(' ');
    return `${profileId} is still refused: its provider answered ${answer}.`;
  }
  if (result === 'unreachable') return `${profileId} could not be tested: its provider cannot be reached.`;
  if (result === 'not_tested') return `${profileId} could not be tested: the gateway has no credential for it.`;
  return isGatewayRunning
    ? `${profileId} is being tested: no result yet.`
    : `${profileId} was not tested: no gateway runs. The next one tests it as soon as it starts.`;
}
