/** Programs over websockets: how much later an echo is heard than the voice itself, and what a program that listens and speaks costs. */

import { echoes } from '../test/kit/echo.ts';
import { startHouse } from '../test/kit/house.ts';
import { aRoom, party } from '../test/kit/party.ts';
import { Program } from '../test/kit/program.ts';
import type { Case } from './cases.ts';
import { cpuOf } from './proc.ts';
import { quantile, type Result, row, tell } from './report.ts';
import type { Manner } from './talk.ts';

const RATE = 16_000;
const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

export async function streams({ name, title, shape, bars }: Case, { seconds }: Manner): Promise<Result> {
  await using house = await startHouse({ patient: false });
  const key = house.first.access_key;
  const url = (room: string): string => `${house.http.replace('http', 'ws')}/api/conferences/${room}/stream?accesskey=${key}&rate=${RATE}`;
  const busy = async (): Promise<number> => {
    const before = cpuOf(house.pid);
    await sleep(seconds * 1000);
    return (cpuOf(house.pid) - before) / seconds;
  };
  const room = await aRoom(house);
  const [ann, ben] = await party(house, room.number, { names: ['Ann', 'Ben'] });
  const echo = await Program.open({ url: url(room.id), name: 'Echo', rate: RATE, echoes: true });
  const pulses = Math.max(20, 2 * seconds);
  tell(`${pulses} pulses and their echoes`);
  const added = await echoes(ann!, ben!, pulses);
  echo.close();
  tell(`${shape.legs} programs, ${shape.room} in a room, that say what they hear`);
  const without = await busy();
  const programs: Program[] = [];
  let place = await aRoom(house);
  for (let n = 0; n < shape.legs; n++) {
    if (n > 0 && n % shape.room === 0) place = await aRoom(house);
    programs.push(
      await Program.open({
        url: url(place.id),
        name: 'Bot',
        rate: RATE,
        ...(n % shape.room < shape.talkers ? { tone: 400 + 130 * (n % 8) } : {}),
      }),
    );
  }
  await sleep(2000);
  const cost = ((await busy()) - without) / shape.legs;
  const heard = programs.filter((each) => each.frames.length >= 50).length;
  const cut = programs.filter((each) => each.socket.readyState !== each.socket.OPEN).length;
  for (const each of programs) each.close();
  const [p50, p95] = [quantile(added, 0.5), quantile(added, 0.95)];
  const rows = [
    row('echo behind the voice p50', p50, { unit: ' ms', digits: 1 }),
    row('echo behind the voice p95', p95, { unit: ' ms', digits: 1, most: bars.delay99 }),
    row('pulses heard both ways', added.length),
    row('CPU per program and second', cost, { unit: ' µs' }),
    row('programs that heard their room', heard),
    row('programs that were cut off', cut),
  ];
  const failures =
    added.length < pulses / 2 ? ['most pulses were not heard'] : heard < shape.legs ? ['not every program heard its room'] : [];
  return { case: name, title, rows, figures: { p50, p95, cost }, failures, remarks: [] };
}
