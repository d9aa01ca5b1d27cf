import {existsSync, lstatSync, readdirSync, readlinkSync, realpathSync, statSync} from 'node:fs';
import {join} from 'node:path';
import type {System} from './spec.ts';

/** Folders of the system and of package managers, besides `lib...`. */
const FOLDERS = ['/usr', '/bin', '/sbin', '/etc', '/opt', '/nix', '/gnu', '/snap', '/home/linuxbrew', '/sys/devices/system/cpu'];

/** Root can write these without any capability, and could leave the sandbox by them. */
const PROC_OF_ROOT = ['/proc/sys', '/proc/irq', '/proc/bus', '/proc/fs', '/proc/sysrq-trigger', '/proc/acpi', '/proc/scsi'];

const DEPTH = 4;

type Secrets = {readonly files: string[]; readonly folders: string[]};

/** Files that only root or a group may read, folders that only their owner may enter; links count by their target. */
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

/** The resolver file may be elsewhere, behind a link. */
const resolver = (): readonly string[] => {
	try {
		const real = realpathSync('/etc/resolv.conf');
		return real.startsWith('/etc/') ? [] : [real];
	} catch {
		return [];
	}
};

let known: System | undefined;

/** Inspects this machine, once a process. */
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
