/** Measures each contestant once per run, one after the other, A B C A B C: what changes on the machine hits all alike. */
export async function alternate<Contestant extends { readonly name: string }, Measured>(
  contestants: readonly Contestant[],
  runs: number,
  measure: (contestant: Contestant) => Promise<Measured>,
): Promise<Map<Contestant['name'], Measured[]>> {
  const measured = new Map<Contestant['name'], Measured[]>(contestants.map(({ name }) => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const contestant of contestants) measured.get(contestant.name)!.push(await measure(contestant));
  }
  return measured;
}
