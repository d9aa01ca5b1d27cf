--- list: one page of all tasks: the unfinished by age, then the dead letters, then what is merged or cancelled, without long texts.
--- Guarantees: reads only. Pages read one after the other hold every task that stayed where it was meanwhile; one that moved may come
--- twice, and a page may be empty before the end.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 cursor    '' for the first page, then what the last page answered
---   3 size      tasks a page, at most 500
---
--- Replies: as one JSON text, an empty list as {}: now {task, {fields}, ...} cursor ('' at the end)

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
	--- A last one that has left its list meanwhile: those of its very score come again.
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
return cjson.encode({digits(now), tasks, nextCursor})
