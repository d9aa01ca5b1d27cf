--- list: one page of all tasks without long texts: unfinished ones by age, then failed, then merged or cancelled.
--- Guarantees: reads only. Consecutive pages have every task that did not move; a moved one may repeat, and a page may be empty before the
--- end.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 cursor    '' for the first page, then the last reply's
---   3 size      tasks per page, at most 500
---
--- Replies: as one JSON text, an empty list as {}: now {task, {fields}, ...} cursor ('' at the end)
---
--- flags: no-writes

local cursor = ARGV[2]
local size = tonumber(ARGV[3])

local AFTER = {live = 'failed', failed = 'done'}
size = math.max(1, math.min(size, 500))
local index, score, last = string.match(cursor, '^(%l+) (%S*) ?(.*)$')
if not index then
	index, score = 'live', ''
end
local list = key('tasks:' .. index)
local from = 0
if score ~= '' then
	--- If the last one left its list, those of its score repeat.
	local rank = redis.call('ZRANK', list, last)
	from = rank and rank + 1 or redis.call('ZCOUNT', list, '-inf', '(' .. score)
end
local page = redis.call('ZRANGE', list, from, from + size - 1, 'WITHSCORES')
local tasks = {}
for at = 1, #page, 2 do
	local fields = softly('HGETALL', taskKey(page[at]))
	if fields then
		put(tasks, page[at], fields)
	end
end
local nextCursor = ''
if #page == 2 * size then
	nextCursor = index .. ' ' .. page[#page] .. ' ' .. page[#page - 1]
elseif AFTER[index] then
	nextCursor = AFTER[index] .. ' '
end
return cjson.encode({nowText, tasks, nextCursor})
