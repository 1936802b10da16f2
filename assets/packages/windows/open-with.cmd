@echo off
rem Puts Eventscope among the programs that "Open with" offers for databases, for this user alone and at the place where
rem it lies now; no other program loses its files. "open-with.cmd /remove" takes it away again, "/quiet" asks for no key.
setlocal
set "classes=HKCU\Software\Classes"
set "program=%~dp0eventscope.exe"
set "kinds=.db .db3 .sqlite .sqlite3"
set "verb=add"
set "quiet="
for %%a in (%*) do (
  if /i "%%~a"=="/remove" set "verb=remove"
  if /i "%%~a"=="/quiet" set "quiet=yes"
)
goto %verb%

:add
if not exist "%program%" (
  echo There is no "%program%". Keep this file beside it.
  goto failed
)
call :set "%classes%\Applications\eventscope.exe" FriendlyAppName "Eventscope" || goto failed
call :default "%classes%\Applications\eventscope.exe\DefaultIcon" "\"%program%\",0" || goto failed
call :default "%classes%\Applications\eventscope.exe\shell\open\command" "\"%program%\" \"%%%%1\"" || goto failed
call :default "%classes%\Eventscope.Database" "SQLite database" || goto failed
call :default "%classes%\Eventscope.Database\DefaultIcon" "\"%program%\",0" || goto failed
call :default "%classes%\Eventscope.Database\shell\open\command" "\"%program%\" \"%%%%1\"" || goto failed
for %%k in (%kinds%) do (
  call :set "%classes%\Applications\eventscope.exe\SupportedTypes" %%k "" || goto failed
  call :set "%classes%\%%k\OpenWithProgids" Eventscope.Database "" || goto failed
)
echo "Open with" offers Eventscope for %kinds%.
goto done

:remove
reg delete "%classes%\Applications\eventscope.exe" /f >nul 2>&1
reg delete "%classes%\Eventscope.Database" /f >nul 2>&1
for %%k in (%kinds%) do reg delete "%classes%\%%k\OpenWithProgids" /v Eventscope.Database /f >nul 2>&1
echo "Open with" does not offer Eventscope any more.
goto done

:set
reg add "%~1" /v "%~2" /t REG_SZ /d "%~3" /f >nul
exit /b %errorlevel%

:default
reg add "%~1" /ve /t REG_SZ /d %2 /f >nul
exit /b %errorlevel%

:failed
echo "Open with" was not set up.
if not defined quiet pause
exit /b 1

:done
if not defined quiet pause
exit /b 0
