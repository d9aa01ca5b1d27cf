import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {keptId, machineId} from '../../source/os/machine.ts';
import {mayBeAlive, ownIdentity} from '../../source/os/process-identity.ts';
import {temporaryFolder} from '../helpers/cleanup.ts';

test('an id is made once; what a full disk tore is made anew', () => {
	const file = join(temporaryFolder(), 'id');
	const id = keptId(file);
	expect(id).toMatch(/^[0-9a-f]{16}$/);
	expect(keptId(file)).toBe(id);
	writeFileSync(file, id.slice(0, 5));
	expect(keptId(file)).not.toBe(id);
	expect(keptId(file)).toBe(keptId(file));
});

test('two machines of one name and path differ', () => {
	const [one, other] = [temporaryFolder(), temporaryFolder()];
	expect(machineId(one)).toBe(machineId(one));
	expect(machineId(one)).not.toBe(machineId(other));
});

test('a process is certainly dead only where this machine knows it: another place may be alive, an earlier boot of it is not', () => {
	const own = ownIdentity();
	expect(mayBeAlive(own)).toBe(true);
	expect(mayBeAlive({...own, pid: 4_000_000})).toBe(false);
	expect(mayBeAlive({...own, boot: 'before'})).toBe(false);
	expect(mayBeAlive({...own, pid: 4_000_000, boot: 'before', place: 'elsewhere'})).toBe(true);
});
