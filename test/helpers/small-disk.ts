import {execFileSync} from 'node:child_process';
import {chmodSync, mkdirSync} from 'node:fs';
import {onFinished} from './side-by-side.ts';

/** What a disk that is full says, or, where nobody may mount one, a folder that takes nothing. */
export const DISK_FULL = /No space left on device|ENOSPC|the disk has|Permission denied|EACCES|cannot create|could not create/i;

/** Makes a folder one that takes at most so many bytes (1 KiB as good as none), until `free` is called or the test ends. */
export const smallDisk = (folder: string, bytes: number): {free(): void} => {
	mkdirSync(folder, {recursive: true});
	const isRoot = process.getuid?.() === 0;
	// Others than root obey the mode of a folder, and may not mount.
	if (isRoot) execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'small', folder]);
	else chmodSync(folder, 0o500);
	let isFreed = false;
	const free = (): void => {
		if (isRoot) execFileSync('mount', ['-o', 'remount,size=200m', folder]);
		else chmodSync(folder, 0o700);
	};
	onFinished(() => {
		if (isFreed) return;
		isFreed = true;
		if (isRoot) execFileSync('umount', ['-l', folder]);
		else chmodSync(folder, 0o700);
	});
	return {free};
};
