import {existsSync, lstatSync, readdirSync, readlinkSync, realpathSync, statSync} from 'node:fs';
import {join} from 'node:path';
import type {System} from './spec.ts';

/** Folders of the system and of package managers, besides those named `lib...`. */
const FOLDERS = ['/usr', '/bin', '/sbin', '/etc', '/opt', '/nix', '/gnu', '/snap', '/home/linuxbrew', '/sys/devices/system/cpu'];

/** Written to by root without any capability: with these a program could leave the sandbox. */
const PROC_OF_ROOT = ['/proc/sys', '/proc/irq', '/proc/bus', '/proc/fs', '/proc/sysrq-trigger', '/proc/acpi', '/proc/scsi'];

/** How deep in /etc is looked for what is not for everybody. */
const DEPTH = 4;

type Secrets = {readonly files: string[]; readonly folders: string[]};

/** What only root or a group may read, or only a folder's owner may enter; links count by what they lead to, which is looked at where it lies. */
const secretsIn = (folder: string, found: Secrets, depth = 0): Secrets => {
	for (const entry of readdirSync(folder, {withFileTypes: true})) {
		const path = join(folder, entry.name);
		if (entry.isSymbolicLink()) continue;
		const {mode} = lstatSync(path);
		if (entry.isDirectory()) {
			if ((mode & 0o005) !== 0o005) found.folders.push(path);
			else if (depth < DEPTH) secretsIn(path, found, depth + 1);
		} else if ((mode & 0o004) === 0) found.files.push(path);
	}
	return found;
};

const readable = (folder: string): Secrets => {
	try {
		return secretsIn(folder, {files: [], folders: []});
	} catch {
		return {files: [], folders: []};
	}
};

/** Names are looked up by a file that may lie elsewhere, behind a link. */
const resolver = (): readonly string[] => {
	try {
		const real = realpathSync('/etc/resolv.conf');
		return real.startsWith('/etc/') ? [] : [real];
	} catch {
		return [];
	}
};

let known: System | undefined;

/** Looks at this machine, once in the life of a process. */
export const readSystem = (): System => {
	if (known) return known;
	const isRoot = process.getuid?.() === 0;
	const atRoot = readdirSync('/').filter(name => /^lib\w*$/.test(name));
	const names = [...FOLDERS, ...atRoot.map(name => `/${name}`)].filter(path => existsSync(path));
	const links = names.filter(path => lstatSync(path).isSymbolicLink());
	const folders = names.filter(path => !links.includes(path) && statSync(path).isDirectory());
	const {files, folders: closed} = readable('/etc');
	known = {
		isRoot,
		folders: [...folders, ...resolver()],
		links: links.map(path => [path, readlinkSync(path)] as const),
		secretFiles: files,
		secretFolders: closed,
		procCovers: isRoot ? PROC_OF_ROOT.filter(path => existsSync(path)) : [],
	};
	return known;
};
