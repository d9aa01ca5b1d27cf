--- Mail of agents.

--- The first `limit` bytes of a text, without a split character.
local function cutText(text, limit)
	if #text <= limit then
		return text
	end
	local last = limit
	while last > 0 and (string.byte(text, last + 1) or 0) >= 128 and (string.byte(text, last + 1) or 0) < 192 do
		last = last - 1
	end
	return string.sub(text, 1, last)
end

--- Sends a mail of `from` ('' for a human) to an existing agent, with an event. Returns its id; nil if there is no such agent. Keeps about
--- the last 1000. The agent's `mailAt` is its newest id, `mailRead` the newest it has read.
local function send(from, to, task, text)
	if redis.call('HEXISTS', agentKey(to), 'role') == 0 then
		return nil
	end
	local id = softly('XADD', key('mail:' .. to), 'MAXLEN', '~', 1000, '*', 'from', from, 'task', task, 'text', text)
	if not id then
		return nil
	end
	redis.call('HSET', agentKey(to), 'mailAt', id)
	emit('mail_sent', task, to, (from == '' and 'a human' or from) .. ': ' .. cutText(text, 300), {a = {'mailAt', id}}, 'agent:' .. to .. ':mail')
	return id
end

return {send = send}
