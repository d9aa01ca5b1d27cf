--- Tasks that waited for the end of a lock.
--- uses: handing, locks

--- Assigns tasks that a path lock blocked to waiting agents, in the step that ends it.
local function serve()
	if locks.hasFreedPath() then
		handing.serve()
	end
end

return {serve = serve}
