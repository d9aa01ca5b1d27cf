--- checkpoint-page: unfinished tasks for a checkpoint, in pages of 500; the first and last page also have 500 failed tasks, the last 100
--- finished ones.
--- Guarantees: reads only. Pages may be read while the team works: entries carry absolute values, so the pages plus every entry after the
--- first page's id, folded in order, are the state at the last page. A task that ends in between comes with the last page, a new one has
--- its entries, a retried one came with the first page. No long texts.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 version  of the format to be written
---   3 interval entries between two checkpoints
---   4 cursor   '' for the first page, then the last reply's
---
--- Replies: 'ok' streamId position {task, {fields}, ...} cursor ('' at the end) | 'early', instead of a first page that is not due
---
--- flags: no-writes
--- uses: record

local version = ARGV[2]
local interval = tonumber(ARGV[3])
local cursor = ARGV[4]

local written, trimmed, streamId = record.positionOf()
if cursor == '' and not record.isWanted(written, written, trimmed, version, interval) then
	return {'early'}
end

local tasks = {}
local function read(ids)
	for _, id in ipairs(ids) do
		local fields = softly('HGETALL', taskKey(id))
		if fields then
			put(tasks, id, fields)
		end
	end
end

--- After the last one read; if that is gone, from its age on: some may repeat, none is missed.
local start = 0
if cursor ~= '' then
	local score, last = string.match(cursor, '^(%S+) (.+)$')
	local rank = redis.call('ZRANK', key('tasks:live'), last)
	start = rank and rank + 1 or redis.call('ZCOUNT', key('tasks:live'), '-inf', '(' .. score)
end
local page = redis.call('ZRANGE', key('tasks:live'), start, start + 499, 'WITHSCORES')
local ids = {}
for index = 1, #page, 2 do
	ids[#ids + 1] = page[index]
end
read(ids)
local nextCursor = #ids == 500 and page[#page] .. ' ' .. page[#page - 1] or ''
if nextCursor == '' then
	read(redis.call('ZREVRANGE', key('tasks:done'), 0, 99))
end
if nextCursor == '' or cursor == '' then
	read(redis.call('ZREVRANGE', key('tasks:failed'), 0, 499))
end
return {'ok', streamId, digits(written), tasks, nextCursor}
