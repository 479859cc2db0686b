"""What the Italian customers of the demonstration wrote over the months (grammar: helpdesk/seeds/story.py)."""

STORIES = """
@ Giulia Tassinari | it | email giulia.t@example.test * | whatsapp +39 055 555 0118 | instagram giu.sui.sentieri
= 211d | Cambio numero Alpe 2 | Sizes | Sara | resolve
email: Buongiorno, le Alpe 2 in 38 mi stringono in punta. Posso cambiarle con il 39? Le ho provate solo in casa.
> Buongiorno Giulia, certo. Le mando l'etichetta del reso; appena la scatola passa dal corriere spediamo il 39. / Sara
email: Etichetta ricevuta, consegno domani mattina. Grazie della velocità!
> Il 39 è partito oggi, arriva giovedì. Buone camminate! / Sara
= 96d | Lacci e calze | Orders | Luca | resolve
instagram: Ciao! Avete i lacci rossi di ricambio da 150 cm?
> Ciao Giulia, sì: 4,50 € il paio. Te li metto da parte o li aggiungo al prossimo ordine?
instagram: Aggiungili al prossimo, così prendo anche le calze di lana.
> Fatto, trovi tutto nel carrello.
# Preferisce l'email per i numeri e i tracking, Instagram per il resto.

@ Elena Doriguzzi | it | email elena.d@example.test * | phone +39 055 555 0121
= 148d | Quale grasso per la pelle? | Orders | Sara | resolve
email: Che grasso consigliate per le Alpe in nabuk? Quello che ho le macchia.
> Per il nabuk meglio uno spray impermeabilizzante senza cera: il nostro è quello blu. Sul nabuk il grasso scurisce.
  / Sara
email: Perfetto, passo sabato in negozio a prenderlo.

@ Marco Lenzetti | it | whatsapp +39 055 555 0102 * | email marco.lenzetti@example.test
= 127d | Bastoncini | Orders | Luca | resolve
whatsapp: Salve, i bastoncini Cresta si allungano fino a 140?
> Buongiorno Marco, fino a 135 cm. Per 140 c'è il modello Cresta Lungo.
whatsapp: Ok prendo il Lungo, grazie
= 221m | Bastoncino che non blocca | Repairs | Luca | open
whatsapp: Buonasera, uno dei due bastoncini non blocca più. Si chiude appena ci appoggio il peso. Parto domenica!
# È il fermo di plastica: ne abbiamo tre in cassetto, li cambia Piero in cinque minuti.
whatsapp+foto: Ecco la foto del fermo

@ Caterina Olivastri | it | email caterina.o@example.test * | messenger cat.olivastri
= 72d | Buono regalo | Orders | Ana | resolve
messenger: Buongiorno! Fate buoni regalo da 80 euro?
> Buongiorno Caterina, sì, di qualsiasi importo. Lo vuole stampato o per email?
messenger: Stampato, passo io. Che orari avete il sabato?
> Il sabato 9:30–13 e 15:30–19:30. Glielo prepariamo con la busta.
= 18m | Il buono non funziona | Orders | - | open
messenger: Mio marito ha provato a usare il buono sul sito ma dice "codice non valido". È quello preso in negozio a
  settembre.

@ Tommaso Bragaglia | it | email t.bragaglia@example.test
= 3h | Scarpe bambino 31 | Sizes | Sara | open
email: Buongiorno, / le Capriolo da bambino calzano giuste? Mio figlio porta 30 abbondante e vorrei che durassero
  almeno fino a primavera. / Grazie, Tommaso
> Buongiorno Tommaso, / con 30 abbondante prenda il 31: c'è un dito di spazio e la soletta si può raddoppiare. / Sara
email: E se poi è troppo grande posso cambiarle anche dopo averle usate una volta?

@ Lucia Monteforte | it | email lucia.monteforte@example.test * | whatsapp +39 055 555 0104
= 188d | Zaino 30 litri | Orders | Ana | resolve
email: Lo zaino Faggio da 30 litri ha la cintura imbottita?
> Buongiorno Lucia, sì, e si può togliere. Le allego la scheda con le misure. / Ana
= 41d | Cerniera dello zaino | Repairs | Sara | resolve
whatsapp: La cerniera della tasca davanti è saltata dopo due mesi...
> Mi dispiace! È in garanzia: preferisce spedirlo o passare da noi?
whatsapp: Passo io giovedì
call: parlato 4 min: viene giovedì alle 17, tenere libero Piero per la cerniera
> Zaino pronto, l'aspettiamo.
whatsapp: Ritirato, come nuovo. Grazie!!

@ Davide Quarantini | it | chat v-4f2a91 | email d.quarantini@example.test
= 7m | Spedizione in Sardegna | Delivery | - | open
chat: Ciao, spedite in Sardegna? Quanto ci mette?
chat: E c'è un supplemento per le isole?

@ Serena Passarin | it | instagram sere.passarin * | email serena.p@example.test
= 55d | Colore Alpe 2 | Orders | Luca | resolve
instagram: Le Alpe 2 verdi torneranno? In negozio erano finite
> Ciao Serena, tornano a ottobre. Vuoi che ti avvisiamo?
instagram: Sì grazie, 40!
= 2d | Verdi arrivate | Orders | Luca | wait
instagram: Ciao! Ottobre è passato... novità sulle verdi?
# Arrivate ieri, tenuto da parte un 40.
> Ciao Serena, eccole: le Alpe 2 verdi in 40 sono qui. Te ne tengo un paio fino a sabato?
instagram: Evviva! Chiedo a mia sorella se le vuole anche lei e ti dico
> Perfetto, con calma.

@ Rifugio Malga Sorda | it | email rifugio@malgasorda.example.test * | phone +39 055 555 0109
= 165d | Fattura noleggio ciaspole | Invoices | Sara | resolve
email: Buongiorno, per il noleggio delle dodici paia di ciaspole serve la fattura elettronica. Codice destinatario
  0000000.
> Buongiorno, fattura emessa oggi, numero 118. La trova anche in allegato. / Sara
email: Ricevuta, grazie mille.
= 26h | Sollecito nota di credito | Invoices | Sara | snooze 19h
email: Avevamo reso due paia di ciaspole rotte: la nota di credito non è ancora arrivata. La commercialista ce la
  chiede
  entro fine mese.
# Ada conferma: nota di credito pronta domani mattina, va spedita appena c'è il numero.
> Buongiorno, avete ragione. La nota di credito parte domani mattina; vi mando il numero appena ce l'ho. / Sara

@ Andrea Villabruna | it | email andrea.villabruna@example.test
= 83d | Suola scollata | Repairs | Sara | resolve
email+foto: Salve, dopo otto mesi la suola destra si sta scollando in punta (foto). Garanzia?
> Buongiorno Andrea, sì, è un difetto coperto. Ci mandi entrambe le scarpe con l'etichetta allegata, le risuoliamo
  gratis in due settimane. / Sara
email: Spedite oggi.
> Arrivate, le lavora Piero da lunedì. / Sara
> Pronte e rispedite: arrivano venerdì. / Sara
email: Perfette, sembrano nuove. Complimenti a Piero!

@ Ilaria Cavazzuti | it | whatsapp +39 055 555 0106
= 250m | Consegna mancata | Delivery | Luca | open
whatsapp: Il corriere dice "destinatario assente" ma ero a casa tutto il giorno!
> Buongiorno Ilaria, mi spiace. Chiamo subito il deposito e le dico.
call: deposito, 3 min: il pacco è ancora sul furgone, secondo passaggio possibile oggi dopo le 18
whatsapp: Allora? Devo uscire alle 19

@ Franco Bertolacci | it | email franco.bertolacci@example.test | phone +39 055 555 0110
= 31d | Taglie forti | Sizes | Ana | resolve
email: Avete scarponi larghi per pianta larga numero 47?
> Buongiorno Franco, il modello Orso arriva al 48 con pianta larga. In negozio abbiamo il 46 e il 47 da provare. / Ana
email: Allora vengo sabato. A che ora c'è meno gente?
> Verso le 15:30. Le tengo da parte il 47. / Ana

@ Chiara Dallevigne | it | telegram chiara_dv *
= 12d | Giacca antipioggia | Orders | Luca | resolve
telegram: Ciao, la giacca Nuvola tiene anche un temporale o solo pioggerella?
> Ciao Chiara, 20.000 mm di colonna d'acqua: il temporale lo regge. Lo zaino sulle spalle dopo un'ora un po' segna.
telegram: Onesto! La prendo in M

@ Stefano Ghirlandi | it | email s.ghirlandi@example.test *
= 9d | Rimborso ordine 10291 | Returns | Sara | resolve
email: Ho reso gli scarponcini il 3, ma il rimborso non si vede ancora.
> Buongiorno Stefano, il rimborso è partito ieri sulla stessa carta; la banca ci mette due o tre giorni. / Sara
email: Arrivato stamattina. Grazie.

@ Beatrice Sommariva | it | messenger bea.sommariva | email beatrice.s@example.test *
= 5d | Corso di nodi | Orders | Ana | snooze 3d
messenger: Buongiorno, rifate la serata sui nodi e le prime corde? L'anno scorso l'ho persa.
> Buongiorno Beatrice, sì, in dicembre: la data esce la settimana prossima. La avviso io. / Ana
# Avvisare appena Sam fissa la data.
messenger: Grazie! Se si può, saremmo in due.

@ Paolo Zambelletti | it | sms +39 055 555 0113
= 37m | Pronto il 10418? | Orders | - | open
sms: Buongiorno, l'ordine 10418 da ritirare a Lucca è pronto? Passo di lì tra poco. Zambelletti

@ Nora Pellegrini | it | email nora.pellegrini@example.test *
= 58d | Scarpe vegane | Orders | Ana | resolve
email: Quali dei vostri modelli sono senza pelle e senza colle animali?
> Buongiorno Nora, Sentiero Lite e Brezza: tessuto riciclato e colla all'acqua. Il produttore lo certifica. / Ana
robot: Sono in ferie fino al 12 e leggerò al mio ritorno. Nora Pellegrini

@ Matteo Ronchi | it | whatsapp +39 055 555 0115 * | email m.ronchi@example.test
= 69d | Taglia guanti | Sizes | Sara | resolve
whatsapp: Guanti Brina: se il palmo è 9 cm prendo la L?
> Sì Matteo, L. Se stai in mezzo, meglio la più grande.
= 174m | Guanti spaiati | Returns | Sara | open
whatsapp+foto: Mi sono arrivati un L e un M... della stessa mano per giunta
> Oh no! Mandiamo subito un paio giusto. Questi li tenga pure, il corriere li ritira quando passa.
whatsapp: Grazie. Si riesce per sabato?

@ Agnese Tortorelli | it | email agnese.tortorelli@example.test
= 44d | Complimenti | Orders | Luca | resolve
email: Volevo solo dire che il ragazzo con la barba in negozio mi ha trovato in dieci minuti quello che cercavo da un
  anno. Grazie a lui. / Agnese
> Gentile Agnese, / il ragazzo con la barba sono io, e mi ha fatto la giornata. Grazie! / Luca

@ Scuola Media Il Faggio | it | email segreteria@ilfaggio.example.test * | phone +39 055 555 0117
= 13d | Gita in Garfagnana | Orders | Luca | resolve
email: Siamo 46 ragazzi di seconda. Noleggiate bastoncini per un giorno, il 14? / La segreteria
> Buongiorno, sì: 3 € a ragazzo, li portiamo noi a scuola il 13. Mi conferma il numero entro lunedì? / Luca
call: 6 min con la prof.ssa Marini: 44 paia, due ragazzi hanno i loro; consegna il 13 alle 8
email: Confermiamo 44. Grazie!
"""
