/**
 * Runs the operations that the arguments name, one after another, and prints what came of each as one line of JSON:
 * `{ value }` or `{ error }`. An error of a client is told by its class, as a program that catches it would see it.
 */
export async function printOutcomes(operations) {
  const outcomes = [];
  for (const name of process.argv.slice(2)) outcomes.push(await outcomeOf(operations[name]));
  console.log(JSON.stringify(outcomes));
}

async function outcomeOf(operation) {
  try {
    return { value: await operation() };
  } catch (error) {
    const { status, type, code, message } = error;
    return { error: { class: error.constructor.name, status, type, code, message } };
  }
}
