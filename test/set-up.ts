import {afterAll} from 'vitest';
// First: what others read of the environment, they read while they are loaded.
import {makeFileFolder, removeFileFolder} from './helpers/own-home.ts';
import './helpers/no-group-killed.ts';
import {gitApartHasEnded} from './helpers/git-apart.ts';

// Whatever a test file set up for itself ends with it. This runs for each file, what it loads once for each worker.
makeFileFolder();
afterAll(removeFileFolder);
afterAll(gitApartHasEnded);
